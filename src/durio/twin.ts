import type { Logger } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";

/** Time in ms that the other process may take to answer. */
const ANSWER_MS = 2000;

/** For Bun's `fetch`, whatever the environment says of proxies: replicas are asked directly. */
const direct = { proxy: false } as const;

export interface TwinOptions {
  readonly id: ReplicaId;
  readonly clusterId: string;
  /** Where the others reach the replica of this id. */
  readonly url: string;
  readonly logger: Logger;
}

/**
 * Looks whether another process runs as this replica, on the data that this process lacks, and says so: one that was started by
 * mistake has lost nothing. To be called by a process without data alone, because it may reach itself.
 */
export async function tellOfTwin({ id, clusterId, url, logger }: TwinOptions): Promise<void> {
  const other = await statusAt(url);
  if (other?.id !== id || other.clusterId !== clusterId || !(other.lastLogIndex > 0)) return;
  logger.error(
    "another process runs as {id}: the one at {url} has data, and this one has none. Nothing was lost if this one was " +
      "started by mistake: leave it stopped",
    { event: "replica.twin", id, url },
  );
}

interface Status {
  readonly id: unknown;
  readonly clusterId: unknown;
  readonly lastLogIndex: number;
}

/** Undefined if nothing answers there like a replica. */
async function statusAt(url: string): Promise<Status | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(new URL("/status", url), { ...direct, signal });
    return (await response.json()) as Status;
  } catch {
    return undefined;
  }
}
