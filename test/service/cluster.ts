import type { Hono } from "hono";
import { afterEach } from "vitest";
import { memoryPersister } from "../../adapters/memory/index.ts";
import { KvServer, type KvServerOptions } from "../../src/kvraft/index.ts";
import { silentLogger } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { systemClock } from "../../src/replica/index.ts";
import { type Access, Bodies, durioApp } from "../../src/service/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";

const clusterId = "test";
const running = new Set<AsyncDisposable>();

afterEach(async () => {
  for (const replica of running) await replica[Symbol.asyncDispose]();
  running.clear();
});

export interface ClusterOptions {
  readonly voters?: readonly string[];
  /** The replicas that run. Default: all. */
  readonly started?: readonly string[];
  readonly requestTimeoutMs?: number;
  readonly limits?: KvServerOptions["limits"];
  /** Default: every client may do everything. */
  readonly access?: Access;
}

export interface TestReplica {
  readonly app: Hono;
  readonly store: KvServer;
}

/** Real replicas on a network within this process, each with the service in front. They end with the test. */
export async function startCluster(options: ClusterOptions = {}): Promise<TestReplica[]> {
  const { voters = ["n1"], started = voters } = options;
  const network = new LoopbackNetwork({ clusterId });
  return Promise.all(started.map((id) => startReplica(id, voters, network, options)));
}

async function startReplica(
  name: string,
  names: readonly string[],
  network: LoopbackNetwork,
  { requestTimeoutMs, limits = {}, access }: ClusterOptions,
): Promise<TestReplica> {
  const id = replicaId(name);
  const voters = names.map(replicaId);
  const transport = network.transport(id);
  const persister = memoryPersister({ clusterId, replicaId: id });
  const store = await KvServer.start({ id, voters, transport, persister, limits });
  running.add(store);
  const clerk = store.clerk({ timeoutMs: requestTimeoutMs ?? 5000 });
  const peers = voters.filter((voter) => voter !== id);
  const app = durioApp({
    clerk,
    status: () => store.raft.status(),
    soundness: () => store.soundness,
    now: () => performance.now(),
    info: { id, clusterId, peers, transport: "loopback", persister: "memory", version: "1.2.3" },
    bodies: new Bodies({ clock: systemClock, logger: silentLogger }),
    logger: silentLogger,
    ...(access && { access }),
  });
  return { app, store };
}

/** Starts one replica as a cluster of one, and returns its service. */
export async function startOne(options: Omit<ClusterOptions, "voters"> = {}): Promise<Hono> {
  const [replica] = await startCluster(options);
  if (replica === undefined) throw new Error("no replica was started");
  return replica.app;
}

export function post(app: Hono, route: string, body: unknown): Promise<Response> {
  return send(app, route, JSON.stringify(body));
}

export async function send(app: Hono, route: string, body: BodyInit, given = {}): Promise<Response> {
  const headers = { "content-type": "application/json", ...given };
  return app.request(route, { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

export async function get(app: Hono, key: string): Promise<string> {
  return (await app.request(`/kvstore/get/${encodeURIComponent(key)}`)).text();
}

export async function leaderKnown(store: KvServer): Promise<void> {
  for await (const { leader } of store.raft.changes()) if (leader !== undefined) return;
}
