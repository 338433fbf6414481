import type { Hono } from "hono";
import { rpcPath } from "../../transports/http/index.ts";
import { KvServer } from "../kvraft/index.ts";
import { silentLogger } from "../ports/index.ts";
import type { RaftView } from "../raft/index.ts";
import { systemClock } from "../replica/index.ts";
import { type Server, serve } from "../runtime/index.ts";
import { Bodies, BrowserRules, durioApp } from "../service/index.ts";
import { drain } from "./drain.ts";
import { logChanges } from "./log-changes.ts";
import { logWaiting } from "./log-waiting.ts";
import { browserRulesOf } from "./own-hosts.ts";
import { persisters } from "./persisters.ts";
import type { ReplicaOptions } from "./replica-options.ts";
import { transports } from "./transports.ts";
import { version } from "./version.ts";

/** A replica that runs. */
export interface Replica {
  /** Where it serves, such as `http://127.0.0.1:9006`. */
  readonly url: string;
  status(): RaftView;
  /** Resolves when the replica has stopped: with what failed, or with undefined after an orderly `stop`. */
  readonly stopped: Promise<Error | undefined>;
  /**
   * Hands leadership over, accepts nothing more, finishes what is in flight, and closes. Idempotent.
   *
   * @throws what failed during the replica's life
   */
  stop(): Promise<void>;
}

/**
 * Starts a replica, and serves it.
 *
 * @throws PersisterError if the data can't be used, an Error with the system's `code` if it can't listen there
 */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { id, peers, listen, requestTimeoutMs, tuning = {}, logger = silentLogger } = options;
  const voters = [...peers.keys()];
  // Peers have a budget to themselves: clients that send slowly must not keep them waiting.
  const bodies: Bodies = new Bodies({ clock: systemClock, logger });
  const peerBodies: Bodies = new Bodies({ clock: systemClock, logger });
  const readBody = peerBodies.read.bind(peerBodies);
  const { transport, routes } = await transports[options.transport](options, readBody);
  const persister = persisters[options.persister](options);
  // Memory forgets by design: a replica that restarts takes part again, at its users' risk.
  const mayForget = options.persister === "memory";
  const own = { id, voters, transport, persister, mayForget };
  const store = await KvServer.start({ ...own, tuning, logger, requestTimeoutMs });
  try {
    const stopping = new AbortController();
    const app = appOf(options, { store, bodies, isDraining: () => stopping.signal.aborted });
    if (routes !== undefined) app.route(rpcPath, routes);
    const rules = new BrowserRules(browserRulesOf(options));
    const server = await serve({ fetch: (request) => rules.answer(request, app.fetch), ...listen });
    logChanges(store.raft.changes(), id, logger);
    const stopLogging = logWaiting({ status: () => store.raft.status(), clock: systemClock, logger });
    store.raft.stopped.then(stopLogging);
    return running(store, server, () => {
      stopping.abort();
      return drain({ id, voters, store, server, bodies: [bodies, peerBodies] });
    });
  } catch (error) {
    await store.kill();
    throw error;
  }
}

interface Served {
  readonly store: KvServer;
  readonly bodies: Bodies;
  readonly isDraining: () => boolean;
}

function appOf(options: ReplicaOptions, { store, bodies, isDraining }: Served): Hono {
  const { id, clusterId, peers, requestTimeoutMs, logger = silentLogger } = options;
  const voters = [...peers.keys()];
  const status = () => store.raft.status();
  // The clerk's deadlines come up to an eighth late.
  const clerk = store.clerk({ timeoutMs: (requestTimeoutMs * 8) / 9 });
  const info = {
    id,
    clusterId,
    peers: voters.filter((voter) => voter !== id),
    transport: options.transport,
    persister: options.persister,
    version,
  };
  const soundness = () => store.soundness;
  return durioApp({ clerk, status, soundness, now: systemClock.now, info, bodies, isDraining, logger });
}

function running(store: KvServer, server: Server, drained: () => Promise<void>): Replica {
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await drained();
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
