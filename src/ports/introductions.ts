import type { ReplicaId } from "../raft/index.ts";

/** One process on a storage that outlives its processes. */
export interface StorageUse {
  /** Drawn when the storage was created: 1 to 2^32 - 1. A copy of the storage has the same. */
  readonly storage: number;
  /** How many processes have started on the storage, this one included: 1 to 2^32 - 1. */
  readonly starts: number;
  /** Drawn when the process started: 0 to 2^32 - 1. Tells two processes apart that are the same start of two copies. */
  readonly boot: number;
}

/** Bytes of a cluster's uid. */
export const CLUSTER_UID_BYTES = 16;

/** What every message says of its sender, beside the name. */
export interface Introduction {
  /** The uid of the sender's cluster, `CLUSTER_UID_BYTES` long and not all zeros; undefined while the sender doesn't know it. */
  readonly clusterUid: Uint8Array | undefined;
  /** Undefined if the sender's storage ends with its process. */
  readonly use: StorageUse | undefined;
  /** The newest use of the receiver's storage that the sender knows; set only after the receiver showed an older one. */
  readonly receiver: StorageUse | undefined;
}

/** What a replica tells its peers of itself, and how it judges what they tell. */
export interface Introductions {
  /** What a message to `peer` says. The same object as long as nothing changes. */
  to(peer: ReplicaId): Introduction;
  /**
   * Judges a message of `peer` before anything else of it is looked at.
   *
   * @returns why the message is refused, as a sentence; undefined if it is the peer's
   */
  refusal(peer: ReplicaId, introduction: Introduction | undefined): string | undefined;
}
