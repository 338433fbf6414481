import type { LogEntry, LogPosition, ReplicaId } from "./types.ts";

/** §5.2, §5.4.1. With `preVote` it only asks whether a vote would be granted, and binds nobody (thesis §9.6). */
export interface RequestVote {
  readonly type: "requestVote";
  readonly term: number;
  readonly candidateId: ReplicaId;
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
  readonly preVote: boolean;
}

export interface RequestVoteReply {
  readonly type: "requestVote";
  /** The voter's term; with a pre-vote the latest that is durable, because a pre-vote waits for no write. */
  readonly term: number;
  readonly voteGranted: boolean;
}

/** §5.3. Without entries it is a heartbeat. */
export interface AppendEntries {
  readonly type: "appendEntries";
  readonly term: number;
  readonly leaderId: ReplicaId;
  readonly prevLogIndex: number;
  readonly prevLogTerm: number;
  readonly entries: readonly LogEntry[];
  readonly leaderCommit: number;
  /** Counts the leader's rounds of heartbeats within its term; the reply echoes it (ReadIndex, thesis §6.4). */
  readonly round: number;
  /**
   * In the last message of a leader that resigned: the peer that should campaign at once, while the others let it
   * (thesis §3.10). Undefined in every other message.
   */
  readonly successor: ReplicaId | undefined;
  /**
   * The receiver acknowledged the entry at `prevLogIndex` in this very term, and has refused it since. One that still
   * lacks it runs on storage that went back in time, and must stop.
   */
  readonly mustHold: boolean;
}

/**
 * The last position of the follower's log that may agree with the leader's. Each side skips what the other's
 * terms rule out, so that the search takes an exchange per term and not one per entry (§5.3).
 */
export type Conflict = LogPosition;

export type AppendEntriesReply =
  | { readonly type: "appendEntries"; readonly term: number; readonly round: number; readonly success: true }
  | {
      readonly type: "appendEntries";
      readonly term: number;
      readonly round: number;
      readonly success: false;
      /** Absent if the request itself was refused, being of an older term. */
      readonly conflict: Conflict | undefined;
    };

/** §7, figure 13: one chunk of the leader's newest snapshot. */
export interface InstallSnapshot {
  readonly type: "installSnapshot";
  readonly term: number;
  readonly leaderId: ReplicaId;
  readonly lastIncludedIndex: number;
  readonly lastIncludedTerm: number;
  /** Where in the snapshot `data` belongs, in bytes. */
  readonly offset: number;
  readonly data: Uint8Array;
  /** Whether this chunk is the last. */
  readonly done: boolean;
}

export interface InstallSnapshotReply {
  readonly type: "installSnapshot";
  readonly term: number;
  /** The offset that the follower wants next, in bytes. */
  readonly nextOffset: number;
  /** The follower holds everything up to the snapshot's last index, durably. */
  readonly installed: boolean;
}

/** A replica with empty storage asks whether it is new, or has lost what it once promised; see roles/bootstrap.ts. */
export interface BootstrapCheck {
  readonly type: "bootstrapCheck";
  readonly term: number;
  readonly replicaId: ReplicaId;
  /** Number of the round of checks; grows when earlier answers stop to count. */
  readonly round: number;
}

export interface BootstrapCheckReply {
  readonly type: "bootstrapCheck";
  readonly term: number;
  /** The sender's record of counted peers; absent if the sender is bootstrapping, because it may have lost its record. */
  readonly countedPeers: readonly ReplicaId[] | undefined;
}

export type RaftRequest = RequestVote | AppendEntries | InstallSnapshot | BootstrapCheck;
export type RaftReply = RequestVoteReply | AppendEntriesReply | InstallSnapshotReply | BootstrapCheckReply;

/** The replica that a request names as its sender. */
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
