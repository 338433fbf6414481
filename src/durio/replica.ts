import type { Hono } from "hono";
import { sqlitePersister } from "../../adapters/bun-sqlite/index.ts";
import { filePersister } from "../../adapters/file/index.ts";
import { memoryPersister } from "../../adapters/memory/index.ts";
import { fetchRequester, HttpTransport, nodeRequester, rpcPath } from "../../transports/http/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { Clerk, KvServer, type KvServerOptions } from "../kvraft/index.ts";
import { type Logger, type Persister, silentLogger, type Transport } from "../ports/index.ts";
import type { RaftView, ReplicaId } from "../raft/index.ts";
import { runtimeName, type Server, serve } from "../runtime/index.ts";
import { durioApp } from "../service/index.ts";
import { logChanges } from "./log-changes.ts";
import { version } from "./version.ts";

export type TransportName = "http" | "loopback";
export type PersisterName = "file" | "bun-sqlite" | "memory";

/** What one replica of durio is made of. */
export interface ReplicaOptions {
  readonly id: ReplicaId;
  /** Replicas of another cluster are refused, and so is their data. */
  readonly clusterId: string;
  /** All voters of the cluster, this replica among them, with their base URLs. */
  readonly peers: ReadonlyMap<ReplicaId, string>;
  /** `loopback` reaches nobody: it is for a cluster of one. */
  readonly transport: TransportName;
  /** `memory` forgets everything when the process ends: for trying out only. */
  readonly persister: PersisterName;
  /** Where the data of this replica are kept: as files, or as `replica.sqlite`. */
  readonly dataDir: string;
  /** The address to bind. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** No request waits longer. */
  readonly requestTimeoutMs: number;
  /** How many bytes of log make a snapshot worth while. */
  readonly compactLogBytes: number;
  /** Whatever differs from the core's defaults. */
  readonly tuning?: NonNullable<KvServerOptions["tuning"]>;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** A replica that runs. */
export interface Replica {
  /** Where it serves, such as `http://127.0.0.1:9006`. */
  readonly url: string;
  status(): RaftView;
  /** Resolves when the replica has stopped: with what failed, or with undefined after an orderly `stop`. */
  readonly stopped: Promise<Error | undefined>;
  /**
   * Accepts nothing more, finishes what is in flight, and closes. Idempotent.
   *
   * @throws what failed during the replica's life
   */
  stop(): Promise<void>;
}

interface Connection {
  readonly transport: Transport;
  /** Serves the peers, where that is by HTTP. */
  readonly routes?: Hono;
}

const transports: Readonly<Record<TransportName, (options: ReplicaOptions) => Promise<Connection>>> = {
  async http({ clusterId, id, peers }) {
    const requester = runtimeName === "node" ? await nodeRequester() : fetchRequester();
    const transport = new HttpTransport({ clusterId, self: id, peers, requester });
    return { transport, routes: transport.routes };
  },
  async loopback({ clusterId, id }) {
    return { transport: new LoopbackNetwork({ clusterId }).transport(id) };
  },
};

const persisters: Readonly<Record<PersisterName, (options: ReplicaOptions) => Persister>> = {
  file({ dataDir: directory, clusterId, id: replicaId, peers, compactLogBytes, logger = silentLogger }) {
    const voters = [...peers.keys()];
    return filePersister({ directory, clusterId, replicaId, voters, compactLogBytes, logger });
  },
  "bun-sqlite"({ dataDir, clusterId, id: replicaId, peers, compactLogBytes }) {
    const voters = [...peers.keys()];
    return sqlitePersister({
      file: `${dataDir}/replica.sqlite`,
      clusterId,
      replicaId,
      voters,
      compactLogBytes,
    });
  },
  memory: ({ clusterId, id, compactLogBytes }) =>
    memoryPersister({ clusterId, replicaId: id, compactLogBytes }),
};

/**
 * Starts a replica, and serves it.
 *
 * @throws PersisterError where the data can't be used, an Error with the system's `code` where it can't listen there
 */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { id, peers, listen, requestTimeoutMs, tuning = {}, logger = silentLogger } = options;
  const voters = [...peers.keys()];
  const { transport, routes } = await transports[options.transport](options);
  const persister = persisters[options.persister](options);
  // Memory forgets by design: a replica that restarts takes part again, at its users' risk.
  const mayForget = options.persister === "memory";
  const own = { id, voters, transport, persister, mayForget };
  const store = await KvServer.start({ ...own, tuning, logger, requestTimeoutMs });
  try {
    const app = appOf(options, store, transport);
    if (routes !== undefined) app.route(rpcPath, routes);
    const server = await serve({ fetch: app.fetch, ...listen });
    logChanges(store.raft.changes(), id, logger);
    return running(store, server);
  } catch (error) {
    await store.kill();
    throw error;
  }
}

function appOf(options: ReplicaOptions, store: KvServer, transport: Transport): Hono {
  const { id, clusterId, peers, requestTimeoutMs, logger = silentLogger } = options;
  const voters = [...peers.keys()];
  const status = () => store.raft.status();
  const clerk = new Clerk({
    call: (to, request, signal) =>
      to === id ? store.handle(request, signal) : transport.call(to, request, signal),
    replicas: voters,
    knownLeader: () => store.raft.getState().leader,
    // The clerk's deadlines come up to an eighth late.
    timeoutMs: (requestTimeoutMs * 8) / 9,
  });
  const info = {
    id,
    clusterId,
    peers: voters.filter((voter) => voter !== id),
    transport: options.transport,
    persister: options.persister,
    version,
  };
  return durioApp({ clerk, status, now: () => performance.now(), info, logger });
}

function running(store: KvServer, server: Server): Replica {
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await server.stop();
    await store.kill();
  };
  return {
    url: server.url,
    status: () => store.raft.status(),
    stopped: store.raft.stopped,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
