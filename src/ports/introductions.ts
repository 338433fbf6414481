import type { ReplicaId } from "../raft/index.ts";

/** One start of a process on durable storage. */
export interface StorageUse {
  /** Random number of the storage, 1 to 2^32 - 1. A copy of the storage has the same. */
  readonly storage: number;
  /** Number of processes that have started on the storage, including this one: 1 to 2^32 - 1. */
  readonly starts: number;
  /** Random number of the process, 0 to 2^32 - 1. It differs between two copies of the storage with the same number of starts. */
  readonly boot: number;
}

/** Length of a cluster's uid in bytes. */
export const CLUSTER_UID_BYTES = 16;

/** The part of every message that identifies its sender beyond the name. */
export interface Introduction {
  /** The uid of the sender's cluster, `CLUSTER_UID_BYTES` long and not all zeros; undefined if the sender doesn't know it yet. */
  readonly clusterUid: Uint8Array | undefined;
  /** The sender's use of its storage. Undefined if that storage is volatile. */
  readonly use: StorageUse | undefined;
  /** The newest use of the receiver's storage that the sender knows. Set only after the receiver sent an older one. */
  readonly receiver: StorageUse | undefined;
}

/** Provides the introductions in a replica's messages, and judges those in its peers' messages. */
export interface Introductions {
  /** Returns the introduction in messages to `peer`: the same object as long as nothing changes. */
  to(peer: ReplicaId): Introduction;
  /**
   * Judges the introduction in a message of `peer`, before the rest of the message is read.
   *
   * @returns why the message is refused, as a sentence; undefined if it is accepted
   */
  refusal(peer: ReplicaId, introduction: Introduction | undefined): string | undefined;
}
