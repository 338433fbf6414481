import type { Logger } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";

/** Timeout for the other process's answer, in ms. */
const ANSWER_MS = 2000;

/** Makes Bun's `fetch` ignore proxies from the environment. */
const direct = { proxy: false } as const;

export interface TwinOptions {
  readonly id: ReplicaId;
  readonly clusterId: string;
  /** The URL under which others reach the replica of this id. */
  readonly url: string;
  readonly logger: Logger;
}

/**
 * Logs whether another process runs as this replica and has the data that this process lacks: if this one was started
 * by mistake, nothing is lost. Only for a process without data, because it may reach itself.
 */
export async function logTwin({ id, clusterId, url, logger }: TwinOptions): Promise<void> {
  const other = await statusAt(url);
  if (other?.id !== id || other.clusterId !== clusterId || !(other.lastLogIndex > 0)) return;
  logger.error(
    "another process runs as {id}: the one at {url} has data, this one has none. If this one was " +
      "started by mistake, nothing is lost: leave it stopped",
    { event: "replica.twin", id, url },
  );
}

interface Status {
  readonly id: unknown;
  readonly clusterId: unknown;
  readonly lastLogIndex: number;
}

/** Returns undefined if no replica answers there. */
async function statusAt(url: string): Promise<Status | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(new URL("/status", url), { ...direct, signal });
    return (await response.json()) as Status;
  } catch {
    return undefined;
  }
}
