import type { RaftView, ReplicaId } from "../raft/index.ts";

/** How a replica's storage does. Times in ms. */
export interface DiskHealth {
  /** How long the write that is in flight has taken so far; undefined without one. */
  readonly writeInFlightMs: number | undefined;
  /** How long the last write took, its sync included; undefined before the first one. */
  readonly lastWriteMs: number | undefined;
  /** A write has been in flight for so long that the replica refuses what it could answer only after it. */
  readonly hangs: boolean;
  /** What the storage lacks space or file descriptors for, and what follows, as a sentence; undefined if nothing. */
  readonly shortage: string | undefined;
}

/** The last call to a peer that brought no reply. */
export interface CallFailure {
  /** Where the peer was called, such as `http://10.0.0.2:9006`; undefined if the transport finds peers by their id. */
  readonly address: string | undefined;
  /** In a few words, such as `ECONNREFUSED` or `no answer in time`. */
  readonly reason: string;
  /** How long ago, in ms. */
  readonly agoMs: number;
  /** The peer has replied to a later call. */
  readonly answeredSince: boolean;
}

/** Who a replica is, and which messages it refuses because their senders are not its peers. */
export interface IdentityHealth {
  /** The beginning of the cluster's uid, such as `7f3a-91c2`; undefined while it is not known. */
  readonly clusterUid: string | undefined;
  /** How many processes have started on the storage; undefined if that is not counted. */
  readonly starts: number | undefined;
  /** For each peer whose messages are, or were a moment ago, refused: why, as a sentence. */
  readonly refused: ReadonlyMap<ReplicaId, string>;
}

/** What a replica knows of itself and of its calls, beside the state of the protocol. */
export interface ReplicaHealth {
  readonly disk: DiskHealth;
  /** For each peer of which a call failed. */
  readonly callFailures: ReadonlyMap<ReplicaId, CallFailure>;
  readonly identity: IdentityHealth;
}

/** All there is to know of a replica: its state in the protocol, and its health. */
export interface ReplicaState extends RaftView {
  readonly health: ReplicaHealth;
}
