declare const replicaIdBrand: unique symbol;

/** The name of one replica within its cluster: 1 to 32 of `a-z`, `0-9` and `-`. */
export type ReplicaId = string & { readonly [replicaIdBrand]: true };

/**
 * Turns a text into a replica id.
 *
 * @param text 1 to 32 characters of `a-z`, `0-9` and `-`
 * @throws RangeError if the text is anything else
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 *
 * const voters = ["n1", "n2", "n3"].map(replicaId);
 * console.log(voters.length); // 3
 * ```
 */
export function replicaId(text: string): ReplicaId {
  if (!isReplicaId(text)) {
    throw new RangeError(
      `a replica id is 1 to 32 characters of a-z, 0-9 and "-", not ${JSON.stringify(text)}`,
    );
  }
  return text;
}

/**
 * Returns whether a text may name a replica: 1 to 32 lower-case letters, digits and hyphens.
 *
 * @param text any text
 * @example
 * ```ts
 * import { isReplicaId } from "ruaft";
 *
 * console.log(isReplicaId("n1"), isReplicaId("N 1")); // true false
 * ```
 */
export function isReplicaId(text: string): text is ReplicaId {
  return /^[a-z0-9-]{1,32}$/.test(text);
}

/** The index and the term of a log entry. Two logs that both hold it are the same up to it (§5.3). */
export interface LogPosition {
  /** From 1; 0 is the position before the first entry. */
  readonly index: number;
  /** From 1; 0 before the first entry. */
  readonly term: number;
}

/**
 * A leadership begins with a `noop` (§8), and the first one with the `configuration` (§6), which is the entry at index 1.
 * Only a `command` reaches the state machine.
 */
export type EntryType = "noop" | "command" | "configuration";

/** One slot of the replicated log. Indices start at 1. */
export interface LogEntry extends LogPosition {
  readonly type: EntryType;
  /**
   * The command as encoded by the application; empty for a `noop`; see membership/configuration.ts for a
   * `configuration`. Never changed after the proposal.
   */
  readonly data: Uint8Array;
}

/** What must be durable before a message may depend on it (§5, figure 2: persistent state). */
export interface HardState {
  /** The latest term that the replica has seen. Never falls. */
  readonly currentTerm: number;
  /** The candidate that this replica voted for in `currentTerm`; undefined if there is none. */
  readonly votedFor: ReplicaId | undefined;
  /** The peers whose vote or acknowledgement was counted together with this replica's. Only grows. */
  readonly countedPeers: readonly ReplicaId[];
}

/** An entry of type `configuration`: its index and its data. */
export interface StoredConfiguration {
  readonly index: number;
  readonly data: Uint8Array;
}

/** The last entry that the newest snapshot covers. It stands for this entry and all before it (§7). */
export interface SnapshotMeta {
  /** The last index that it covers, from 1. */
  readonly lastIncludedIndex: number;
  /** The term of the entry there. */
  readonly lastIncludedTerm: number;
  /** The newest configuration up to `lastIncludedIndex` (§6, §7). Absent if the log has none. */
  readonly configuration?: StoredConfiguration;
}

/**
 * The durable state of one replica.
 *
 * `entries` are contiguous and follow `prevLogIndex`. They may start at or before the last index of the snapshot. Their
 * suffix may even disagree with it, after a crash between the installation of a snapshot and the truncation that
 * follows. The core reconciles the two; a persister needs no rule of Raft.
 */
export interface PersistedState {
  /** As last written. */
  readonly hardState: HardState;
  /** The last entry that the newest snapshot covers; undefined without one. */
  readonly snapshot: SnapshotMeta | undefined;
  /** The index before the first of `entries`; 0 if the log was never compacted. */
  readonly prevLogIndex: number;
  /** The term of the entry there; 0 if there is none. */
  readonly prevLogTerm: number;
  /** The entries that follow, without a gap. */
  readonly entries: readonly LogEntry[];
}

/** What one write makes durable: all of it or nothing. */
export interface WriteBatch {
  /** Absent if it did not change. */
  readonly hardState?: HardState;
  /** Drop every entry from this index on, before `entries` are appended. */
  readonly truncateFrom?: number;
  /** Contiguous. The first follows the last entry that is kept, or the last index that a snapshot covers. */
  readonly entries: readonly LogEntry[];
}

/** What a replica without any storage has persisted. */
export const emptyState: PersistedState = {
  hardState: { currentTerm: 0, votedFor: undefined, countedPeers: [] },
  snapshot: undefined,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
};
