import { Hono } from "hono";
import { type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { rpcContentType } from "../../src/rpc/index.ts";
import { runtimeName, type Server, serve } from "../../src/runtime/index.ts";
import type { TransportFixture } from "../../src/testing/conformance/transport/index.ts";
import { fetchRequester, HttpTransport, nodeRequester, rpcPath } from "../../transports/http/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";

const clusterId = "conformance";
const ids = ["n1", "n2", "n3"].map(replicaId);

/** Every transport, by the name that the command line knows it by. */
export const transports: Record<"loopback" | "http", () => Promise<TransportFixture>> = {
  loopback: loopbackFixture,
  http: httpFixture,
};

async function loopbackFixture(): Promise<TransportFixture> {
  const network = new LoopbackNetwork({ clusterId });
  const up = new Map<ReplicaId, AsyncDisposable>();

  const stop = async (id: ReplicaId): Promise<void> => {
    await up.get(id)?.[Symbol.asyncDispose]();
    up.delete(id);
  };

  return {
    clusterId,
    async start(id, sealing) {
      const transport = network.transport(id, sealing);
      up.set(id, transport);
      return transport;
    },
    stop,
    sendRaw: (to, _service, bytes) => network.send(replicaId("unknown"), to, bytes),
    async assertNothingOpen() {
      // Each replica's name on the network is free again.
      for (const id of ids) await network.transport(id)[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      for (const id of up.keys()) await stop(id);
      network[Symbol.dispose]();
    },
  };
}

/** Three servers of this runtime, and the requester that suits it. */
async function httpFixture(): Promise<TransportFixture> {
  const hostname = "127.0.0.1";
  const ports = new Map<ReplicaId, number>();
  for (const id of ids) ports.set(id, await freePort(hostname));
  const baseUrl = (id: ReplicaId): string => `http://${hostname}:${ports.get(id)}`;
  const peers = new Map(ids.map((id) => [id, baseUrl(id)]));
  const up = new Map<ReplicaId, { readonly transport: HttpTransport; readonly server: Server }>();

  const stop = async (id: ReplicaId): Promise<void> => {
    const replica = up.get(id);
    up.delete(id);
    await replica?.transport[Symbol.asyncDispose]();
    await replica?.server.stop();
  };

  return {
    clusterId,
    async start(self, sealing) {
      const requester = runtimeName === "node" ? await nodeRequester() : fetchRequester();
      const transport = new HttpTransport({ clusterId, self, peers, requester, ...sealing });
      const { fetch } = new Hono().route(rpcPath, transport.routes);
      const port = ports.get(self) ?? 0;
      up.set(self, { transport, server: await serve({ fetch, hostname, port, stopGraceMs: 100 }) });
      return transport;
    },
    stop,
    async sendRaw(to, service, body) {
      const headers = { "content-type": rpcContentType };
      const url = `${baseUrl(to)}${rpcPath}/${service}`;
      const post = () => fetch(url, { method: "POST", headers, body });
      // The connection of an earlier request may be one to a server that has stopped since.
      const response = await post().catch(post);
      return new Uint8Array(await response.arrayBuffer());
    },
    async assertNothingOpen() {
      for (const id of ids) await assertRefusesConnections(baseUrl(id));
      await assertNoSockets();
    },
    async [Symbol.asyncDispose]() {
      for (const id of up.keys()) await stop(id);
    },
  };
}

/** A port that was free just now. */
async function freePort(hostname: string): Promise<number> {
  const server = await serve({ fetch: () => new Response(), hostname, port: 0 });
  await server.stop();
  return server.port;
}

async function assertRefusesConnections(url: string): Promise<void> {
  const response = await fetch(url).catch(() => undefined);
  if (response !== undefined) throw new Error(`${url} still answers, with ${response.status}`);
}

/** Only on runtimes that list sockets. A closed socket disappears some turns of the event loop later. */
async function assertNoSockets(): Promise<void> {
  for (let turn = 0; turn < 100 && openSockets() > 0; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  if (openSockets() > 0) throw new Error(`${openSockets()} sockets are still open`);
}

function openSockets(): number {
  return process.getActiveResourcesInfo?.().filter((name) => name.startsWith("TCP")).length ?? 0;
}
