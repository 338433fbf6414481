import type { PersistedState, SnapshotMeta, WriteBatch } from "../raft/index.ts";
import type { StorageUse } from "./introductions.ts";

/**
 * The durable state of one replica.
 *
 * Calls may overlap; they take effect in the order in which they were made. After a failed write, the persister rejects
 * every later call with the same error. The exception is the reason `full`: the call changed nothing, and may be repeated.
 *
 * @example
 * ```ts
 * import { emptyState, type LogEntry, type PersistedState, type WriteBatch } from "ruaft/core";
 * import type { Persister, SnapshotSink, SnapshotSource, StorageIdentity } from "ruaft/ports";
 *
 * // Keeps a log in memory and never asks for a snapshot: the least that a persister does.
 * class LogInMemory implements Persister {
 *   #state: PersistedState = emptyState;
 *   #clusterUid: Uint8Array | undefined;
 *
 *   async load(): Promise<PersistedState> {
 *     return this.#state;
 *   }
 *
 *   identity(): StorageIdentity {
 *     return { clusterUid: this.#clusterUid, use: undefined };
 *   }
 *
 *   async bind(clusterUid: Uint8Array): Promise<void> {
 *     this.#clusterUid = clusterUid;
 *   }
 *
 *   async write({ hardState, truncateFrom = Number.POSITIVE_INFINITY, entries }: WriteBatch): Promise<void> {
 *     const kept = this.#state.entries.filter(({ index }: LogEntry) => index < truncateFrom);
 *     this.#state = {
 *       ...this.#state,
 *       hardState: hardState ?? this.#state.hardState,
 *       entries: [...kept, ...entries],
 *     };
 *   }
 *
 *   async createSnapshot(): Promise<SnapshotSink> {
 *     throw new Error("no snapshots");
 *   }
 *
 *   async openSnapshot(): Promise<SnapshotSource | undefined> {
 *     return undefined;
 *   }
 *
 *   shouldCompactLogNow(): boolean {
 *     return false;
 *   }
 *
 *   async [Symbol.asyncDispose](): Promise<void> {}
 * }
 *
 * const persister = new LogInMemory();
 * await persister.write({ entries: [{ type: "command", index: 1, term: 1, data: Uint8Array.of(7) }] });
 * const { entries } = await persister.load();
 * console.log(entries.length); // 1
 * ```
 */
export interface Persister {
  /** Reads the durable state. Called once, before any other call. @throws PersisterError if the state can't be trusted */
  load(): Promise<PersistedState>;
  /** Returns the identity of the storage. Called after `load`. */
  identity(): StorageIdentity;
  /**
   * Binds the storage to a cluster, durably and permanently. Idempotent.
   *
   * @throws RangeError if it is bound to another cluster
   */
  bind(clusterUid: Uint8Array): Promise<void>;
  /**
   * Makes every later `load` fail, durably, until a person intervenes. Present if the storage counts its starts.
   *
   * @param reason a sentence for the error of each later `load`
   * @param newer the newest use of the copy that replaces this storage
   */
  retire?(reason: string, newer: StorageUse): Promise<void>;
  /** Makes a batch durable, all of it or nothing. It is durable when the promise resolves. */
  write(batch: WriteBatch): Promise<void>;
  /** Starts a snapshot. It is invisible until `commit`. */
  createSnapshot(meta: SnapshotMeta): Promise<SnapshotSink>;
  /** Opens the newest committed snapshot. It stays readable until closed, even if a newer one is committed. */
  openSnapshot(): Promise<SnapshotSource | undefined>;
  /** Whether the log has grown enough for a snapshot. Must be cheap: called after each applied entry. */
  shouldCompactLogNow(): boolean;
  /** Waits for the calls in flight, then releases all resources. Idempotent. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The identity of a storage. */
export interface StorageIdentity {
  /** The uid of the cluster that the storage is bound to; undefined before it is bound. */
  readonly clusterUid: Uint8Array | undefined;
  /** The current use of the storage. Undefined if it is volatile. */
  readonly use: Omit<StorageUse, "boot"> | undefined;
}

/** A snapshot that is being written. It counts once it is committed. */
export interface SnapshotSink {
  /** Appends a chunk. The caller may reuse the bytes after the promise resolved. */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Makes the snapshot durable, and the newest one. From then on the persister may remove the log that it covers.
   *
   * @throws RangeError if it is not newer than the committed snapshot
   */
  commit(): Promise<void>;
  /** Discards the snapshot. Idempotent; does nothing after `commit`. */
  abort(): Promise<void>;
}

/** A stored snapshot that is being read. */
export interface SnapshotSource {
  /** The last entry that the snapshot covers. */
  readonly meta: SnapshotMeta;
  /** In bytes. */
  readonly size: number;
  /** Reads up to `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Releases it. Idempotent. */
  close(): Promise<void>;
}

/**
 * `corrupt`: the stored data is damaged; `locked`: another process uses the storage; `mismatch`: it belongs to another
 * replica or cluster, or was written by another version; `failed`: the device failed; `closed`: the persister was disposed;
 * `full`: no space or file descriptors are left, and nothing was changed; `storageLost`: the storage lacks data that this
 * replica acknowledged and that other replicas counted; `outdated`: another process has started on a copy of the storage
 * that is as new or newer.
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

/** The durable state can't be used. The message names the file, and what a person can do. */
export class PersisterError extends Error {
  override readonly name = "PersisterError";
  /** See {@link PersisterFailure}. */
  readonly reason: PersisterFailure;

  constructor(reason: PersisterFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
