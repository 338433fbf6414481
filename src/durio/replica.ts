import type { Hono } from "hono";
import { KvServer } from "../kvraft/index.ts";
import { silentLogger } from "../ports/index.ts";
import type { RaftView } from "../raft/index.ts";
import { systemClock } from "../replica/index.ts";
import { Bodies, durioApp } from "../service/index.ts";
import { accessOf } from "./access.ts";
import { AuditLog } from "./audit-log.ts";
import { drain } from "./drain.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import { type Listeners, openListeners } from "./listeners.ts";
import { logLeadership } from "./log-leadership.ts";
import { logWaiting } from "./log-waiting.ts";
import { persisters } from "./persisters.ts";
import { recordIn } from "./record-file.ts";
import { Reloads } from "./reload.ts";
import { logExpiry, ReplicaCertificate } from "./tls/certificate.ts";
import { transports } from "./transports.ts";
import { version } from "./version.ts";

/** A running replica. */
export interface Replica {
  /** Its URL, such as `http://127.0.0.1:9006`. */
  readonly url: string;
  /** The state of its Raft at present. */
  status(): RaftView;
  /** Resolves when the replica has stopped: to its failure, or to undefined after a graceful `stop`. */
  readonly stopped: Promise<Error | undefined>;
  /** Looks at the files with its certificate and secret now, and uses them if they were replaced. Otherwise every 10 s. */
  reload(): Promise<void>;
  /**
   * Hands leadership over, stops accepting requests, finishes those in flight, and closes. Idempotent.
   *
   * @throws any failure of the replica's lifetime
   */
  stop(): Promise<void>;
}

/**
 * Starts a replica and serves it.
 *
 * @throws PersisterError if the data cannot be used; Error with the system's `code` if it cannot listen
 */
export async function startReplica(config: EffectiveConfig): Promise<Replica> {
  const { id, peers, requestTimeoutMs, tuning = {}, logger = silentLogger } = config;
  const voters = [...peers.keys()];
  const tracer = config.record === undefined ? undefined : recordIn(config.record, logger);
  const reloads: Reloads = new Reloads({ clock: systemClock, logger });
  // Peers have their own budget, so that slow clients do not delay them.
  const bodies: Bodies = new Bodies({ clock: systemClock, logger });
  const peerBodies: Bodies = new Bodies({ clock: systemClock, logger });
  const readBody = peerBodies.read.bind(peerBodies);
  const certificate = ReplicaCertificate.of(config, reloads);
  const { secret } = config;
  if (secret?.file !== undefined) reloads.onReload("the secret", [secret.file], () => secret.reload());
  const audit: AuditLog = new AuditLog({ clock: systemClock, logger: config.audit ?? logger });
  const { transport, routes } = await transports[config.transport](config, { readBody, audit, reloads });
  const persister = persisters[config.persister](config);
  // `memory` loses all data at each restart, and the replica takes part again: its users accept that risk.
  const volatileStorage = config.persister === "memory";
  const own = { id, voters, transport, persister, volatileStorage, ...(tracer && { tracer }) };
  const store = await KvServer.start({ ...own, tuning, logger, requestTimeoutMs });
  try {
    const stopping = new AbortController();
    const isDraining = () => stopping.signal.aborted;
    const app = appOf(config, { store, bodies, audit, isDraining, certificate });
    const server = await openListeners(config, { app, routes, certificate });
    logLeadership(store.raft.changes(), id, logger);
    const stopLogging = logWaiting({ status: () => store.raft.status(), clock: systemClock, logger });
    store.raft.stopped.then(stopLogging).then(() => tracer?.flush());
    if (certificate !== undefined) {
      const status = () => certificate.status;
      store.raft.stopped.then(logExpiry({ status, clock: systemClock, logger }));
    }
    reloads.start();
    store.raft.stopped.then(() => {
      reloads[Symbol.dispose]();
      audit[Symbol.dispose]();
    });
    return running({ store, server, reloads }, () => {
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
  readonly audit: AuditLog;
  readonly isDraining: () => boolean;
  readonly certificate: ReplicaCertificate | undefined;
}

function appOf(config: EffectiveConfig, served: Served): Hono {
  const { store, bodies, audit, isDraining, certificate } = served;
  const { id, clusterId, peers, requestTimeoutMs, logger = silentLogger } = config;
  const voters = [...peers.keys()];
  const status = () => store.raft.status();
  // The clerk's deadlines may be late by an eighth.
  const clerk = store.clerk({ timeoutMs: (requestTimeoutMs * 8) / 9 });
  const info = {
    id,
    clusterId,
    peers: voters.filter((voter) => voter !== id),
    transport: config.transport,
    persister: config.persister,
    version,
  };
  const soundness = () => store.soundness;
  const access = accessOf(config, { store, clerk, audit });
  const { now } = systemClock;
  const tls = () => certificate?.status;
  return durioApp({ clerk, status, soundness, now, info, bodies, isDraining, access, tls, logger });
}

interface Running {
  readonly store: KvServer;
  readonly server: Listeners;
  readonly reloads: Reloads;
}

function running({ store, server, reloads }: Running, drained: () => Promise<void>): Replica {
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await drained();
    await store.kill();
  };
  return {
    url: server.url,
    status: () => store.raft.status(),
    stopped: store.raft.stopped,
    reload: () => reloads.now(),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
