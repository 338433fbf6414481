import { PersisterError } from "../../src/ports/index.ts";
import { emptyState, type HardState, type SnapshotMeta } from "../../src/raft/index.ts";
import { LogContents } from "../shared/index.ts";

export interface MemorySnapshot {
  readonly meta: SnapshotMeta;
  readonly bytes: Uint8Array;
}

/**
 * The contents of a memory persister. They outlive it: a later persister on the same storage loads them.
 *
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { MemoryStorage, memoryPersister } from "ruaft/adapters/memory";
 *
 * const storage = new MemoryStorage();
 * const options = { clusterId: "example", replicaId: replicaId("n1"), storage };
 * const before = memoryPersister(options);
 * await before.load();
 * await before.write({ entries: [{ type: "command", index: 1, term: 1, data: Uint8Array.of(7) }] });
 *
 * // As if the process had died.
 * storage.crash();
 * const { entries } = await memoryPersister(options).load();
 * console.log(entries.length); // 1
 * ```
 */
export class MemoryStorage {
  /** @internal */
  hardState: HardState = emptyState.hardState;
  /** @internal */
  readonly log: LogContents = new LogContents();
  /** @internal */
  snapshot: MemorySnapshot | undefined;
  /**
   * The uid of the cluster that the storage is bound to.
   *
   * @internal
   */
  clusterUid: Uint8Array | undefined;
  /**
   * Bytes of log written since the start of the newest snapshot.
   *
   * @internal
   */
  liveBytes = 0;
  #identity: string | undefined;
  #owner: object | undefined;
  #nextFailure: Error | undefined;

  /**
   * Makes `owner` the only one that may use the contents.
   *
   * @internal
   * @throws PersisterError `locked` or `mismatch`
   */
  take(owner: object, identity: string): void {
    if (this.#owner) throw new PersisterError("locked", "the storage is in use: dispose its persister first");
    if (this.#identity !== undefined && this.#identity !== identity) {
      throw new PersisterError("mismatch", `the storage belongs to ${this.#identity}, not to ${identity}`);
    }
    this.#owner = owner;
    this.#identity = identity;
  }

  /**
   * @internal
   * @throws PersisterError if `owner` does not own the storage, or if a failure was requested
   */
  assertWritable(owner: object): void {
    if (this.#owner !== owner) throw new Error("the storage was taken away");
    const failure = this.#nextFailure;
    this.#nextFailure = undefined;
    if (failure) throw failure;
  }

  /** @internal */
  release(owner: object): void {
    if (this.#owner === owner) this.#owner = undefined;
  }

  /** For tests: does to the storage what the death of its process would. The previous owner can no longer write. */
  crash(): void {
    this.#owner = undefined;
  }

  /**
   * For tests: makes the next write fail with this error, as a device would.
   *
   * @param error what the write rejects with
   */
  failNextWrite(error: Error): void {
    this.#nextFailure = error;
  }
}
