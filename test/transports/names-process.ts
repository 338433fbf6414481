import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { fetchRequester, nodeRequester } from "../../transports/http/index.ts";

// Calls a peer by its name without a name server, with this runtime's own requester. Prints the name by which the peer
// was called.
const server = createServer((request, response) => {
  request.resume();
  const host = `${request.headers.host?.split(":")[0]}`;
  response.setHeader("content-length", host.length).end(host);
});
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address() as AddressInfo;
  let isUp = true;
  const resolve = (): Promise<string[]> => (isUp ? Promise.resolve(["127.0.0.1"]) : new Promise(() => {}));
  const requester = "Bun" in globalThis ? fetchRequester(resolve) : await nodeRequester(resolve);
  const called = async (host: string, signal = new AbortController().signal): Promise<string> => {
    const { body } = await requester.post(`http://${host}:${port}/x`, new Uint8Array(1), signal);
    return new TextDecoder().decode(body);
  };
  const before = await called("pi2.test");
  isUp = false;
  const dead = new AbortController();
  const lost = called("pi3.test", dead.signal).catch(() => "ended");
  const after = await Promise.all(["pi2.test", "127.0.0.1"].map((host) => called(host)));
  dead.abort();
  console.log(before, ...after, await lost);
  process.exit(0);
});
