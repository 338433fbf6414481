import process from "node:process";
import { messageOf, startFailure } from "./failure.ts";
import { startLog } from "./log.ts";
import type { ServeOptions } from "./options.ts";
import { type Replica, startReplica } from "./replica.ts";
import { onStopSignals } from "./stop-signals.ts";

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

  const starting = startReplica({ ...options, logger });
  // From here on, for a start may take seconds.
  const stop = stopOnce(async () => {
    await (await starting).stop();
    logger.info("stopped");
  });
  onStopSignals({ inOrder: stop, atOnce: () => process.exit(1) });
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
    ...{ id, clusterId, data },
    url: replica.url,
    voters: [...peers.keys()].join(" "),
  });
  if (!isLoopback(listen.hostname)) {
    logger.warn("{hostname} can be reached from other machines, and nobody is asked who they are", {
      hostname: listen.hostname,
    });
  }

  // The replica has said why.
  if ((await replica.stopped) !== undefined) process.exit(1);
}

/** Stops in order and exits with 0, or by force and with 1. Idempotent. */
function stopOnce(stop: () => Promise<void>): () => void {
  let stopping = false;
  return () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => fail(`not stopped within ${stopTimeoutMs} ms, ended by force`), stopTimeoutMs);
    stop().then(
      () => process.exit(0),
      (error) => fail(messageOf(error)),
    );
  };
}

function fail(reason: string): never {
  console.error(`durio: ${reason}`);
  process.exit(1);
}

/** A parent holds the other end of stdin; that closes however the parent ends. */
function whenParentEnds(stop: () => void): void {
  process.stdin.once("end", stop);
  process.stdin.resume();
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127\./.test(hostname);
}
