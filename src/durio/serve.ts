import process from "node:process";
import { PersisterError } from "../ports/index.ts";
import { InvalidConfig } from "./config/index.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import { endProcess } from "./end-process.ts";
import { messageOf, startFailure } from "./failure.ts";
import { startLog } from "./logging.ts";
import { unreachableBecause } from "./reachable.ts";
import type { ServeConfig } from "./read-config.ts";
import { hasReloads } from "./reload.ts";
import { type Replica, startReplica } from "./replica.ts";
import { protectionOf, type ReachedBy } from "./secret/index.ts";
import { onStopSignals, whenParentEnds } from "./stop-signals.ts";
import { readAuthorities } from "./tls/files.ts";
import { logTwin } from "./twin.ts";

/** Timeout of a graceful shutdown in ms. After it the process is ended. */
const stopTimeoutMs = 4500;

/**
 * Runs a replica as this process until a signal or a failure ends it.
 *
 * @param exitWithParent whether to stop when stdin closes
 */
export async function serve(config: ServeConfig, exitWithParent: boolean): Promise<void> {
  const { logger, audit } = startLog(config);
  const { id, clusterId, peers, listen, peerListen, persister, dataDir } = config;

  const starting = start({ ...config, logger, audit });
  // Registered before the start ends, because a start may take seconds.
  const stop = stopOnce(async () => {
    await (await starting).replica.stop();
    logger.info("stopped", { event: "replica.stopped" });
  });
  // A start that fails is handled below.
  const reload = () => void starting.then(({ replica: started }) => started.reload()).catch(() => {});
  const onHangUp = hasReloads(config) ? reload : undefined;
  onStopSignals({ graceful: stop, forced: () => endProcess(1), reload: onHangUp });
  if (exitWithParent) whenParentEnds(stop);

  let replica: Replica;
  let exposed: ReachedBy | undefined;
  try {
    ({ replica, exposed } = await starting);
  } catch (error) {
    const reason = startFailure(error, listen);
    if (reason !== undefined) fail(reason);
    // Reading stdin keeps the process alive.
    if (exitWithParent) process.stdin.pause();
    throw error;
  }
  const data = persister !== "memory" ? dataDir : "memory only: it is lost when the process ends";
  logger.info("started {id} of cluster {clusterId} at {url}, voters {voters}, data in {data}", {
    ...{ event: "replica.started", id, clusterId, data },
    // The address for other machines, which may differ from the bound one.
    url: listen.port === 0 || peerListen !== undefined ? replica.url : peers.get(id),
    voters: [...peers.keys()].join(" "),
  });
  if (exposed !== undefined) {
    logger.warn(
      "{hostname} is used without authentication: every host that can reach it can read and write",
      {
        ...{ event: "auth.none", hostname: exposed.hostname },
      },
    );
  }

  const failure = await replica.stopped;
  if (failure === undefined) return;
  // The replica has logged the reason.
  const url = peers.get(id);
  const isBlank = replica.status().lastLogIndex === 0;
  if (url !== undefined && isBlank && failure instanceof PersisterError && failure.reason === "storageLost") {
    const ca = config.tlsCaFile === undefined ? undefined : readAuthorities(config.tlsCaFile);
    await logTwin({ id, clusterId, url, ca, logger });
  }
  endProcess(1);
}

interface Started {
  readonly replica: Replica;
  readonly exposed: ReachedBy | undefined;
}

/** Starts the replica, unless its peers could never reach it, or every machine could. */
async function start(config: EffectiveConfig): Promise<Started> {
  const { listen, peerListen, peers } = config;
  const unreachable = await unreachableBecause(peerListen ?? listen, peers);
  if (unreachable !== undefined) {
    const reason = peerListen === undefined ? unreachable : unreachable.replace("--listen", "--peer-listen");
    throw new InvalidConfig([reason]);
  }
  const protection = await protectionOf(config, process.env);
  return { replica: await startReplica({ ...config, ...protection }), exposed: protection.exposed };
}

/** Shuts down gracefully and exits with 0, or after a timeout with 1. Idempotent. */
function stopOnce(stop: () => Promise<void>): () => void {
  let stopping = false;
  return () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => fail(`shutdown took more than ${stopTimeoutMs} ms, forced`), stopTimeoutMs);
    stop().then(
      () => endProcess(0),
      (error) => fail(messageOf(error)),
    );
  };
}

function fail(reason: string): never {
  console.error(`durio: ${reason}`);
  endProcess(1);
}
