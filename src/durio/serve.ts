import { PersisterError } from "../ports/index.ts";
import { WrongSettings } from "./config/index.ts";
import { endProcess } from "./end-process.ts";
import { messageOf, startFailure } from "./failure.ts";
import { startLog } from "./log.ts";
import type { ServeOptions } from "./options.ts";
import { isLoopback, unreachableBecause } from "./reachable.ts";
import { type Replica, startReplica } from "./replica.ts";
import type { ReplicaOptions } from "./replica-options.ts";
import { onStopSignals, whenParentEnds } from "./stop-signals.ts";
import { tellOfTwin } from "./twin.ts";

/** A stop that takes longer is ended by force. */
const stopTimeoutMs = 4500;

/**
 * Runs a replica as this process, until a signal or a failure ends both.
 *
 * @param exitWithParent whether the end of stdin is one, too
 */
export async function serve(options: ServeOptions, exitWithParent: boolean): Promise<void> {
  const logger = startLog(options);
  const { id, clusterId, peers, listen, persister, dataDir } = options;

  const starting = start({ ...options, logger });
  // From here on, for a start may take seconds.
  const stop = stopOnce(async () => {
    await (await starting).stop();
    logger.info("stopped", { event: "replica.stopped" });
  });
  onStopSignals({ inOrder: stop, atOnce: () => endProcess(1) });
  if (exitWithParent) whenParentEnds(stop);

  let replica: Replica;
  try {
    replica = await starting;
  } catch (error) {
    const reason = startFailure(error, listen);
    if (reason === undefined) throw error;
    fail(reason);
  }
  const data = persister !== "memory" ? dataDir : "memory alone: it ends with the process";
  logger.info("started {id} of cluster {clusterId} at {url}, voters {voters}, data in {data}", {
    ...{ event: "replica.started", id, clusterId, data },
    // The address that others reach it by, which is not always the one that was bound.
    url: listen.port === 0 ? replica.url : peers.get(id),
    voters: [...peers.keys()].join(" "),
  });
  if (!isLoopback(listen.hostname)) {
    logger.warn(
      "listening on {hostname} without authentication: every host that can reach it can read and write",
      { event: "auth.none", hostname: listen.hostname },
    );
  }

  const failure = await replica.stopped;
  if (failure === undefined) return;
  // The replica has said why.
  const url = peers.get(id);
  const isBlank = replica.status().lastLogIndex === 0;
  if (url !== undefined && isBlank && failure instanceof PersisterError && failure.reason === "forgotten") {
    await tellOfTwin({ id, clusterId, url, logger });
  }
  endProcess(1);
}

/** Starts the replica, unless the others could never reach it. */
async function start(options: ReplicaOptions): Promise<Replica> {
  const unreachable = await unreachableBecause(options.listen, options.peers);
  if (unreachable !== undefined) throw new WrongSettings([unreachable]);
  return startReplica(options);
}

/** Stops in order and exits with 0, or by force and with 1. Idempotent. */
function stopOnce(stop: () => Promise<void>): () => void {
  let stopping = false;
  return () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => fail(`not stopped within ${stopTimeoutMs} ms, ended by force`), stopTimeoutMs);
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
