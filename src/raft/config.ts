import { isReplicaId, type ReplicaId } from "./types.ts";

/** Configuration of one replica. Times are in milliseconds, sizes in bytes. */
export interface RaftConfig {
  /** This replica. */
  readonly id: ReplicaId;
  /** All voters of the cluster, this replica among them: 1 to 9. */
  readonly voters: readonly ReplicaId[];
  /** Interval between a leader's heartbeats. Well below the election timeouts. */
  readonly heartbeatMs: number;
  /** A follower campaigns after a time without contact to a leader that is drawn from this range (§5.2). */
  readonly electionTimeoutMinMs: number;
  /** The end of that range. */
  readonly electionTimeoutMaxMs: number;
  /**
   * Size limit of the entries in one AppendEntries. A larger single entry is sent alone. A probe has at most 64 KiB.
   */
  readonly maxAppendBytes: number;
  /**
   * Number of AppendEntries with entries that may be in flight to one peer. A transport that does not keep their order
   * makes the leader send some again.
   */
  readonly maxInflightAppends: number;
  /**
   * A peer gets further AppendEntries before it has answered the earlier ones if its shortest recent round trip takes
   * at least this long, including its disk. 0: every peer does. See docs/decisions/0032.
   */
  readonly pipelineFromMs: number;
  /** A peer gets no further entries while this many bytes of them are in flight. */
  readonly maxInflightBytes: number;
  /** Size limit of the chunk in one InstallSnapshot. */
  readonly snapshotChunkBytes: number;
  /** Size limit of one command. A larger one is refused with a RangeError. */
  readonly maxCommandBytes: number;
  /** Limit for the entries that await their commit. Proposals beyond it are refused, except a single one. */
  readonly maxUncommittedBytes: number;
  /**
   * A leader refuses a proposal that would probably not be settled (committed and durable in its own log) in this time.
   */
  readonly commitTargetMs: number;
  /**
   * How much of the log that a snapshot covers is kept in memory, so that a peer that is a little behind needs no
   * snapshot.
   */
  readonly retainedLogBytes: number;
  /** Number of entries handed out at a time to be applied, so that other work can run during a long replay. */
  readonly maxApplyEntries: number;
  /** Size limit of those entries. A larger single entry is handed out alone. */
  readonly maxApplyBytes: number;
  /** Time that applying them may take. If it takes longer, fewer are handed out the next time. */
  readonly maxApplyMs: number;
  /** Whether this replica takes part at once if its storage is empty, although it may have held data before. */
  readonly volatileStorage: boolean;
  /**
   * The uid that this replica gives to the cluster if it is its first leader: 16 bytes in the first configuration.
   * Default: none.
   */
  readonly clusterUid?: Uint8Array;
  /**
   * Draws a number in [0, 1). The core alone may draw from it, and it must depend on nothing but a seed: see
   * {@link seededRandom}.
   */
  readonly random: () => number;
}

/** Times and sizes of the protocol, which a cluster may tune. */
export type RaftTuning = Omit<RaftConfig, "id" | "voters" | "volatileStorage" | "clusterUid" | "random">;

/** The tuning of a cluster that sets none. */
export const defaultTuning: RaftTuning = {
  heartbeatMs: 50,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  maxAppendBytes: 1 << 20,
  maxInflightAppends: 8,
  pipelineFromMs: 8,
  maxInflightBytes: 4 << 20,
  snapshotChunkBytes: 256 << 10,
  maxCommandBytes: 2 << 20,
  maxUncommittedBytes: 64 << 20,
  commitTargetMs: 2000,
  retainedLogBytes: 4 << 20,
  maxApplyEntries: 1024,
  maxApplyBytes: 1 << 20,
  maxApplyMs: 8,
};

const mayBeZero: ReadonlySet<keyof RaftTuning> = new Set(["retainedLogBytes", "pipelineFromMs"]);

/** The largest number of voters of a cluster. */
export const MAX_VOTERS = 9;

/**
 * Size limit of the payload of one message, in bytes, without the overhead of the transport. Every transport carries
 * it.
 */
export const MAX_PAYLOAD_BYTES: number = 2 << 20;

/**
 * Checks a configuration before anything is built on it.
 *
 * @param config times in ms, sizes in bytes
 * @throws RangeError that names the option, its value and what is allowed
 * @example
 * ```ts
 * import { checkConfig, defaultTuning, replicaId, seededRandom } from "ruaft/core";
 *
 * const id = replicaId("n1");
 * const config = { ...defaultTuning, id, voters: [id], volatileStorage: false, random: seededRandom(1) };
 * checkConfig(config);
 * try {
 *   checkConfig({ ...config, heartbeatMs: 0 });
 * } catch (error) {
 *   console.log(error instanceof RangeError); // true
 * }
 * ```
 */
export function checkConfig(config: RaftConfig): void {
  const { id, voters, heartbeatMs, electionTimeoutMinMs, electionTimeoutMaxMs } = config;
  if (voters.length < 1 || voters.length > MAX_VOTERS) {
    throw new RangeError(`voters: a cluster has 1 to ${MAX_VOTERS} voters, not ${voters.length}`);
  }
  for (const voter of voters) {
    if (!isReplicaId(voter)) {
      throw new RangeError(
        `voters: ${JSON.stringify(voter)} is not a replica id (1 to 32 of a-z, 0-9 and "-")`,
      );
    }
  }
  if (new Set(voters).size !== voters.length) {
    throw new RangeError(`voters: every voter is named once, not ${voters.join(", ")}`);
  }
  if (!voters.includes(id)) throw new RangeError(`id: ${id} is not among the voters ${voters.join(", ")}`);

  for (const option of Object.keys(defaultTuning) as (keyof RaftTuning)[]) {
    const value = config[option];
    if (!Number.isSafeInteger(value) || value < 1) {
      if (mayBeZero.has(option) && value === 0) continue;
      throw new RangeError(`${option}: a whole number of at least 1, not ${value}`);
    }
  }
  for (const option of ["maxAppendBytes", "snapshotChunkBytes", "maxCommandBytes"] as const) {
    if (config[option] > MAX_PAYLOAD_BYTES) {
      throw new RangeError(`${option}: at most ${MAX_PAYLOAD_BYTES}, not ${config[option]}`);
    }
  }
  if (electionTimeoutMinMs < 2 * heartbeatMs) {
    throw new RangeError(
      `electionTimeoutMinMs: at least twice heartbeatMs (${heartbeatMs}), not ${electionTimeoutMinMs}`,
    );
  }
  if (electionTimeoutMaxMs <= electionTimeoutMinMs) {
    throw new RangeError(
      `electionTimeoutMaxMs: more than electionTimeoutMinMs (${electionTimeoutMinMs}), not ${electionTimeoutMaxMs}`,
    );
  }
}
