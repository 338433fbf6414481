import { PersisterError } from "../../src/ports/index.ts";
import { emptyState, type HardState, type SnapshotMeta } from "../../src/raft/index.ts";
import { LogContents } from "../shared/index.ts";

export interface MemorySnapshot {
  readonly meta: SnapshotMeta;
  readonly bytes: Uint8Array;
}

/** What a memory persister keeps. It outlives the persister: handed to the next one, it is what that one loads. */
export class MemoryStorage {
  hardState: HardState = emptyState.hardState;
  readonly log: LogContents = new LogContents();
  snapshot: MemorySnapshot | undefined;
  /** Of the cluster that the storage is bound to. */
  clusterUid: Uint8Array | undefined;
  /** Bytes of the log written since the newest snapshot was begun. */
  liveBytes = 0;
  #identity: string | undefined;
  #owner: object | undefined;
  #nextFailure: Error | undefined;

  /**
   * Makes `owner` the only one that may use the contents.
   *
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

  /** Passes only for the owner, and only if no failure was ordered. */
  assertWritable(owner: object): void {
    if (this.#owner !== owner) throw new Error("the storage was taken away");
    const failure = this.#nextFailure;
    this.#nextFailure = undefined;
    if (failure) throw failure;
  }

  release(owner: object): void {
    if (this.#owner === owner) this.#owner = undefined;
  }

  /** For tests: what the death of its process does to the storage. Whoever used it writes no more. */
  crash(): void {
    this.#owner = undefined;
  }

  /** For tests: the next write fails with this error, as a device would. */
  failNextWrite(error: Error): void {
    this.#nextFailure = error;
  }
}
