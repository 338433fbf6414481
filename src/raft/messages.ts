import type { LogEntry, LogPosition, ReplicaId, StoredConfiguration } from "./types.ts";

/** §5.2, §5.4.1. With `preVote` it asks whether a vote would be granted, which binds nobody (thesis §9.6). */
export interface RequestVote {
  readonly type: "requestVote";
  /** The candidate's term; the next one with `preVote`. */
  readonly term: number;
  /** The candidate, which sends this. */
  readonly candidateId: ReplicaId;
  /** The last position of the candidate's log (§5.4.1). */
  readonly lastLogIndex: number;
  /** The term there. */
  readonly lastLogTerm: number;
  /** Whether this asks for a pre-vote. */
  readonly preVote: boolean;
}

/** The reply to a `RequestVote`. */
export interface RequestVoteReply {
  readonly type: "requestVote";
  /** The voter's term. In the reply to a pre-vote: its latest durable term, because a pre-vote waits for no write. */
  readonly term: number;
  /** The voter gives its vote, durably; or it would, for a pre-vote. */
  readonly voteGranted: boolean;
}

/** §5.3. Without entries it is a heartbeat. */
export interface AppendEntries {
  readonly type: "appendEntries";
  /** The leader's term. */
  readonly term: number;
  /** The leader, which sends this. */
  readonly leaderId: ReplicaId;
  /** The index before the first of `entries`. The follower must hold it. */
  readonly prevLogIndex: number;
  /** The term of the entry there. */
  readonly prevLogTerm: number;
  /** Without a gap; empty in a heartbeat. */
  readonly entries: readonly LogEntry[];
  /** The leader's commit index. */
  readonly leaderCommit: number;
  /** Counts the leader's rounds of heartbeats within its term; the reply echoes it (ReadIndex, thesis §6.4). */
  readonly round: number;
  /**
   * Set in the last message of a leader that resigned: the peer that should campaign at once (thesis §3.10). Undefined
   * in every other message.
   */
  readonly successor: ReplicaId | undefined;
  /**
   * The receiver acknowledged the entry at `prevLogIndex` in this term, and rejected a heartbeat because of it later.
   * If it still lacks the entry, its storage went back in time, and it must stop.
   */
  readonly mustHold: boolean;
}

/**
 * The last position at which the follower's log may agree with the leader's. Each side skips what the terms of the
 * other rule out, so the search takes one exchange per term, not one per entry (§5.3).
 */
export type Conflict = LogPosition;

/** The reply to an `AppendEntries`. */
export type AppendEntriesReply =
  | { readonly type: "appendEntries"; readonly term: number; readonly round: number; readonly success: true }
  | {
      readonly type: "appendEntries";
      readonly term: number;
      readonly round: number;
      readonly success: false;
      /** Undefined if the request was rejected because its term is older. */
      readonly conflict: Conflict | undefined;
    };

/** §7, figure 13: one chunk of the leader's newest snapshot. */
export interface InstallSnapshot {
  readonly type: "installSnapshot";
  /** The leader's term. */
  readonly term: number;
  /** The leader, which sends this. */
  readonly leaderId: ReplicaId;
  /** What the snapshot covers; see `SnapshotMeta`. */
  readonly lastIncludedIndex: number;
  /** The term there. */
  readonly lastIncludedTerm: number;
  /** The newest configuration that the snapshot covers (§6, §7). Absent if its log has none. */
  readonly configuration?: StoredConfiguration;
  /** Offset of `data` in the snapshot, in bytes. */
  readonly offset: number;
  /** The bytes of this chunk. */
  readonly data: Uint8Array;
  /** Whether this chunk is the last. */
  readonly done: boolean;
}

/** The reply to a chunk of a snapshot. */
export interface InstallSnapshotReply {
  readonly type: "installSnapshot";
  /** The follower's term. */
  readonly term: number;
  /** The offset of the chunk that the follower expects next, in bytes. */
  readonly nextOffset: number;
  /** The follower holds everything up to the snapshot's last index, durably. */
  readonly installed: boolean;
}

/** A replica with empty storage asks whether it is new or has lost what it promised; see roles/bootstrap.ts. */
export interface BootstrapCheck {
  readonly type: "bootstrapCheck";
  readonly term: number;
  readonly replicaId: ReplicaId;
  /** Number of the round of checks. A new round begins when earlier replies no longer count. */
  readonly round: number;
}

/** The reply to a `BootstrapCheck`. */
export interface BootstrapCheckReply {
  readonly type: "bootstrapCheck";
  readonly term: number;
  /** The sender's record of counted peers; absent if the sender is bootstrapping, because it may have lost its record. */
  readonly countedPeers: readonly ReplicaId[] | undefined;
}

/** Any request that a replica sends to a peer. */
export type RaftRequest = RequestVote | AppendEntries | InstallSnapshot | BootstrapCheck;

/** Any reply. Its `type` is that of the request. */
export type RaftReply = RequestVoteReply | AppendEntriesReply | InstallSnapshotReply | BootstrapCheckReply;

/**
 * The replica that a request names as its sender.
 *
 * @param request any request of Raft
 * @example
 * ```ts
 * import { replicaId, senderOf } from "ruaft/core";
 *
 * const candidateId = replicaId("n2");
 * const vote = { type: "requestVote", term: 3, candidateId, lastLogIndex: 8, lastLogTerm: 2 } as const;
 * console.log(senderOf({ ...vote, preVote: false })); // n2
 * ```
 */
export function senderOf(request: RaftRequest): ReplicaId {
  switch (request.type) {
    case "requestVote":
      return request.candidateId;
    case "bootstrapCheck":
      return request.replicaId;
    case "appendEntries":
    case "installSnapshot":
      return request.leaderId;
  }
}
