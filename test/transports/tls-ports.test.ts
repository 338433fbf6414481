import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mistakeAt } from "./mistake.ts";

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const tls = (name: string) => readFileSync(inProject(`test/transports/tls/${name}`));

const sockets = new Set<Socket>();
const servers: Server[] = [];
let secure = 0;
let plain = 0;

async function listen(server: Server): Promise<number> {
  server.on("connection", (socket: Socket) => sockets.add(socket));
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  const secureServer = createTlsServer({ cert: tls("server.pem"), key: tls("server.key") }, (socket) => {
    socket.on("error", () => {});
  });
  secure = await listen(secureServer.on("tlsClientError", () => {}));
  plain = await listen(createHttpServer((_, response) => response.end()));
});

afterEach(async () => {
  const closed = servers.map((server) => once(server, "close"));
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
});

async function mistakesOn(runtime: "bun" | "deno", urls: readonly string[]): Promise<string[]> {
  const flags = runtime === "deno" ? ["run", "--allow-all"] : [];
  const args = [...flags, inProject("test/transports/tls-process.ts"), ...urls];
  const child = spawn(inProject(`node_modules/.bin/${runtime}`), args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(child, "close");
  return said.trim().split("\n");
}

test.each(["node", "bun", "deno"] as const)(
  "on %s a URL that begins with http:// instead of https://, or the other way round, is a mistake and no passing failure",
  async (runtime) => {
    const urls = [`http://127.0.0.1:${secure}`, `http://localhost:${secure}`, `https://127.0.0.1:${plain}`];
    const mistakes =
      runtime === "node" ? await Promise.all(urls.map(mistakeAt)) : await mistakesOn(runtime, urls);
    const speaksTls = "what answers there speaks TLS: its URL should begin with https://";
    const speaksNone = expect.stringMatching(
      /if it does not speak TLS, its URL should begin with http:\/\/$/,
    );
    expect(mistakes).toEqual([speaksTls, speaksTls, speaksNone]);
  },
);
