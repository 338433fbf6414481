import type { PersistedState, SnapshotMeta, WriteBatch } from "../raft/index.ts";

/**
 * The durable state of one replica.
 *
 * Calls may overlap; they take effect in the order in which they were made. A write that failed may not be
 * followed by another: the persister refuses every later call with the first error. The one exception is the reason
 * `full`: nothing of the call was done, and it may be made again.
 */
export interface Persister {
  /** Reads everything back. Called once, before anything else. Throws `PersisterError` where that is not safe. */
  load(): Promise<PersistedState>;
  /** Makes a batch durable, all of it or nothing; it is durable when the promise resolves. */
  write(batch: WriteBatch): Promise<void>;
  /** Starts a snapshot. It is invisible until `commit`. */
  createSnapshot(meta: SnapshotMeta): Promise<SnapshotSink>;
  /** Opens the newest committed snapshot. It stays readable until closed, whatever is committed meanwhile. */
  openSnapshot(): Promise<SnapshotSource | undefined>;
  /** Whether the log has grown enough to be worth a snapshot. Cheap: asked whenever something was applied. */
  shouldCompactLogNow(): boolean;
  /** Finishes what is in flight, then releases everything. Idempotent. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SnapshotSink {
  /** Appends a chunk; the bytes may be reused once the promise resolves. */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Makes the snapshot durable and the newest one; the log it covers may go from then on. A snapshot that is
   * not newer than the one there is refused with a RangeError.
   */
  commit(): Promise<void>;
  /** Throws the snapshot away. Idempotent; does nothing after `commit`. */
  abort(): Promise<void>;
}

export interface SnapshotSource {
  readonly meta: SnapshotMeta;
  /** In bytes. */
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * `corrupt`: what is stored cannot be trusted; `locked`: another process uses it; `mismatch`: it belongs to
 * another replica or cluster, or was written by another version; `failed`: the device refused; `closed`: the
 * persister was disposed; `full`: space or file descriptors are short, and nothing was done; `forgotten`: the storage
 * is empty, or older than what this replica acknowledged, but other replicas counted on what was in it.
 */
export type PersisterFailure = "corrupt" | "locked" | "mismatch" | "failed" | "closed" | "full" | "forgotten";

/** Why durable state can't be used. The message names the place, and what can be done. */
export class PersisterError extends Error {
  override readonly name = "PersisterError";
  readonly reason: PersisterFailure;

  constructor(reason: PersisterFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
