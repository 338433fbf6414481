import type { RaftView, ReplicaId } from "../raft/index.ts";

/** Health of a replica's storage. */
export interface DiskHealth {
  /** Time since the start of the write in flight, in ms; undefined without one. */
  readonly writeInFlightMs: number | undefined;
  /** Duration of the last write with its sync, in ms; undefined before the first one. */
  readonly lastWriteMs: number | undefined;
  /** Whether a write has been in flight for so long that the replica refuses calls whose reply would have to wait for it. */
  readonly hangs: boolean;
  /** A sentence that says what the storage has no space or file descriptors for, and the consequence; undefined without a shortage. */
  readonly shortage: string | undefined;
}

/** The last failed call to a peer. */
export interface CallFailure {
  /** The address that was called, such as `http://10.0.0.2:9006`; undefined if the transport finds peers by their id. */
  readonly address: string | undefined;
  /** In a few words, such as `ECONNREFUSED` or `no answer in time`. */
  readonly reason: string;
  /** Time since then, in ms. */
  readonly agoMs: number;
  /** Whether the peer has replied to a later call. */
  readonly answeredSince: boolean;
}

/** The identity of a replica, and the peers whose messages it refuses. */
export interface IdentityHealth {
  /** The first digits of the cluster's uid, such as `7f3a-91c2`; undefined if it is not known yet. */
  readonly clusterUid: string | undefined;
  /** Number of processes that have started on the storage; undefined if that is not counted. */
  readonly starts: number | undefined;
  /** By peer: why its messages are refused, or were until a moment ago, as a sentence. */
  readonly refused: ReadonlyMap<ReplicaId, string>;
}

/** Health of a replica: its storage, its calls and its identity. */
export interface ReplicaHealth {
  /** State of the storage. */
  readonly disk: DiskHealth;
  /** By peer, for peers with a failed call. */
  readonly callFailures: ReadonlyMap<ReplicaId, CallFailure>;
  /** The identity of this replica, and the peers that it refuses. */
  readonly identity: IdentityHealth;
  /** How the transport seals messages. Absent if it does not. */
  readonly sealing?: SealHealth | undefined;
}

/** The state of a replica in the protocol, and its health. */
export interface ReplicaState extends RaftView {
  /** Beside the state of the protocol. */
  readonly health: ReplicaHealth;
}

/** How a transport's messages are sealed. */
export interface SealHealth {
  /** See `Seal.keyNumber`. */
  readonly keyNumber: number;
  /** The number of messages without a seal that were taken. */
  readonly unsealed: number;
  /** The number of messages that were refused for their seal. */
  readonly refused: number;
}
