import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { nodeRequester } from "../../transports/http/index.ts";
import { settled } from "./manual-clock.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

/** A peer on one of this machine's addresses, and its port. */
async function listen(address: string, port = 0): Promise<{ port: number; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.setHeader("content-length", 0).end();
  });
  servers.push(server);
  server.listen(port, address);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, requests };
}

const forever = new AbortController().signal;

test("a name server that stops replying blocks no calls to known names, nor to addresses", async () => {
  // Found from outside: once a peer was dead and names stopped resolving, a healthy majority went down.
  const { port, requests } = await listen("127.0.0.1");
  let isUp = true;
  const resolve = (): Promise<string[]> => (isUp ? Promise.resolve(["127.0.0.1"]) : new Promise(() => {}));
  using requester = await nodeRequester(resolve);
  const post = (host: string, signal = forever) =>
    requester.post(`http://${host}:${port}/rpc/x`, new Uint8Array(1), signal);
  expect((await post("pi2.test")).status).toBe(200);
  isUp = false;
  const dead = new AbortController();
  const lost = post("pi3.test", dead.signal);
  expect((await post("pi2.test")).status).toBe(200);
  expect((await post("127.0.0.1")).status).toBe(200);
  dead.abort();
  await expect(lost).rejects.toThrow();
  expect(requests.map(({ headers }) => headers.host)).toEqual([
    `pi2.test:${port}`,
    `pi2.test:${port}`,
    `127.0.0.1:${port}`,
  ]);
});

test("a peer that moved is found by its name, though its old address is another's now", async () => {
  const old = await listen("127.0.0.1");
  const moved = await listen("127.0.0.2", old.port);
  let address = "127.0.0.1";
  using requester = await nodeRequester(async () => [address]);
  const url = `http://pi2.test:${old.port}/rpc/x`;
  await requester.post(url, new Uint8Array(1), forever);
  address = "127.0.0.2";
  const lookedUpMs = performance.now();
  const clock = vi.spyOn(performance, "now").mockReturnValue(lookedUpMs + 10_000);
  requester.suspect?.(url);
  await settled();
  clock.mockRestore();
  await requester.post(url, new Uint8Array(1), forever);
  expect([old.requests.length, moved.requests.length]).toEqual([1, 1]);
});

test.each([
  ["bun", []],
  ["deno", ["run", "--allow-all"]],
] as const)("on %s too", (runtime, flags) => {
  const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const args = [...flags, inProject("test/transports/names-process.ts")];
  const { stdout, stderr } = spawnSync(inProject(`node_modules/.bin/${runtime}`), args, { encoding: "utf8" });
  expect(stdout || stderr).toBe("pi2.test pi2.test 127.0.0.1 ended\n");
});
