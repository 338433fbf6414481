import type { PersistedState, SnapshotMeta, WriteBatch } from "../raft/index.ts";
import type { StorageUse } from "./introductions.ts";

/**
 * The durable state of one replica.
 *
 * Calls may overlap; they take effect in the order in which they were made. A write that failed may not be
 * followed by another: the persister refuses every later call with the first error. The one exception is the reason
 * `full`: nothing of the call was done, and it may be made again.
 */
export interface Persister {
  /** Reads everything back. Called once, before anything else. Throws `PersisterError` if that is not safe. */
  load(): Promise<PersistedState>;
  /** What the storage says of itself. Called after `load`. */
  identity(): StorageIdentity;
  /**
   * Binds the storage to a cluster, durably and for good. Idempotent.
   *
   * @throws RangeError if it is bound to another one
   */
  bind(clusterUid: Uint8Array): Promise<void>;
  /**
   * Keeps every later process from loading the storage, durably, until a person decides otherwise. Present if the
   * storage counts its starts.
   *
   * @param reason a sentence, part of the error of each later `load`
   * @param newer the use of a copy that this one gives way to
   */
  retire?(reason: string, newer: StorageUse): Promise<void>;
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

/** What a storage says of itself, beside what a replica keeps in it. */
export interface StorageIdentity {
  /** The uid of the cluster that the storage is bound to; undefined before it is bound. */
  readonly clusterUid: Uint8Array | undefined;
  /** Undefined if the storage ends with its process. */
  readonly use: Omit<StorageUse, "boot"> | undefined;
}

/** A snapshot that is being written. It counts once it is committed. */
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

/** A stored snapshot that is being read. */
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
 * persister was disposed; `full`: space or file descriptors are short, and nothing was done; `storageLost`: the storage
 * is empty, or older than what this replica acknowledged, but other replicas counted on what was in it; `outdated`:
 * another process has started on a copy of the storage, which is as new or newer.
 */
export type PersisterFailure =
  | "corrupt"
  | "locked"
  | "mismatch"
  | "failed"
  | "closed"
  | "full"
  | "storageLost"
  | "outdated";

/** Why durable state can't be used. The message names the place, and what can be done. */
export class PersisterError extends Error {
  override readonly name = "PersisterError";
  readonly reason: PersisterFailure;

  constructor(reason: PersisterFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
