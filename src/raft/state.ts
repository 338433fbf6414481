import type { RaftConfig } from "./config.ts";
import { ApplyPace } from "./log/apply-pace.ts";
import { Durability } from "./log/durability.ts";
import { RaftLog } from "./log/log.ts";
import { CountedPeers } from "./membership/counted-peers.ts";
import { Membership } from "./membership/membership.ts";
import { Outbox } from "./outbox.ts";
import type { ChunkToSend, ReadOutcome, ReceivedChunk, StorageLost } from "./ready.ts";
import type { Admission } from "./tracker/admission.ts";
import type { Progress } from "./tracker/progress.ts";
import type { ReadIndex } from "./tracker/read-index.ts";
import type { HardState, LogPosition, PersistedState, ReplicaId, SnapshotMeta, WriteBatch } from "./types.ts";

export interface Follower {
  readonly type: "follower";
  /** The leader of this term; undefined until it sends something. */
  readonly leader: ReplicaId | undefined;
  /** Time of the last contact with the leader, in ms. */
  lastContactMs: number;
  electionDeadlineMs: number;
  /** The deadline was noticed late, because this process stalled, and was postponed once. */
  stallForgiven: boolean;
}

export interface Candidate {
  readonly type: "candidate";
  /** Asks for pre-votes, which leave the term of the voters alone (thesis §9.6). */
  readonly preVote: boolean;
  /** The votes received, each with the version of the hard state that must be durable before the vote counts. */
  readonly votes: Map<ReplicaId, number>;
  /** Voters that lost their storage after they were asked: a vote of theirs does not count. */
  readonly ignoredVoters: Set<ReplicaId>;
  /** Voters that refused their vote. Refused pre-votes are not recorded. */
  readonly refusedBy: Set<ReplicaId>;
  /** Time of the first request to the others, in ms. Votes are requested after the candidate's own is durable. */
  askedAtMs: number;
  /**
   * Time of the next request to the voters that have not replied, in ms. Infinite until the candidate's vote is
   * durable.
   */
  nextRetryMs: number;
  electionDeadlineMs: number;
  /** A voter refused, and the deadline was extended once for the missing votes. */
  extended: boolean;
  stallForgiven: boolean;
}

/** The campaign that a replica backs; see roles/backing.ts. */
export interface Backing {
  readonly candidate: ReplicaId;
  /** The term of the campaign: the next one after a pre-vote, the current one after a vote. */
  readonly term: number;
  /** The last position of the candidate's log. */
  readonly log: LogPosition;
  /** Time at which the backing ends, in ms. Infinite while the vote is being written. */
  untilMs: number;
}

/** A vote, for this replica or for another, that is not durable yet. */
export interface PendingVote {
  /** Time of the decision, in ms. */
  readonly atMs: number;
  readonly hardStateVersion: number;
}

export interface Leader {
  readonly type: "leader";
  /**
   * The index of the no-op at the start of this leadership. When it is committed, everything before it is too (§5.4.2,
   * §8).
   */
  readonly firstIndex: number;
  readonly peers: Map<ReplicaId, Progress>;
  readonly reads: ReadIndex;
  readonly admission: Admission;
  nextHeartbeatMs: number;
  /**
   * The last entry of the log at some heartbeat, and the time of that heartbeat in ms. Undefined if that entry is
   * committed.
   */
  awaitedCommit: { readonly index: number; readonly sinceMs: number } | undefined;
  /** Duration of the last commit that was measured, at the heartbeats, in ms. */
  commitMs: number;
  /**
   * The write that is behind the commit index: the batch in flight, or `full` if the storage has no space. `sinceMs` is
   * the time since when, in ms.
   */
  slowWrite: { readonly batch: WriteBatch | "full" | undefined; readonly sinceMs: number };
  /** No quorum was in contact after a stall of this process, and the leader continued once. */
  stallForgiven: boolean;
}

/** The storage is empty. This replica neither votes nor acknowledges until it is proven new; see roles/bootstrap.ts. */
export interface Bootstrapping {
  readonly type: "bootstrapping";
  /** Number of the present round of checks, from 1. */
  round: number;
  /** Each peer's record of counted peers, as replied in this round. */
  readonly answers: Map<ReplicaId, readonly ReplicaId[]>;
  /** The peers known to be bootstrapping too. */
  readonly blankPeers: Set<ReplicaId>;
  nextRetryMs: number;
  /** Pause before the next request to the peers that have not replied, in ms. */
  pauseMs: number;
}

export type Role = Bootstrapping | Follower | Candidate | Leader;

/** A snapshot that is being received. */
export interface IncomingSnapshot {
  readonly from: ReplicaId;
  readonly term: number;
  readonly meta: SnapshotMeta;
  /** Size of the stored part, in bytes. */
  nextOffset: number;
  /** A chunk was handed out, and has not been reported as stored or refused. */
  storing: boolean;
  /** That chunk is the last one. The snapshot will be installed, and no entries are applied until then. */
  installing: boolean;
}

/** The whole state of a replica (figure 2). The functions of the roles change it, one input at a time. */
export class RaftState {
  readonly config: RaftConfig;
  readonly membership: Membership;
  readonly log: RaftLog;
  readonly durability: Durability;
  readonly outbox: Outbox;
  readonly countedPeers: CountedPeers;
  readonly applyPace: ApplyPace;

  /** The latest term this replica has seen. Never falls. */
  currentTerm: number;
  /** The candidate that it voted for in `currentTerm`. Written once per term. */
  votedFor: ReplicaId | undefined;
  /** The highest index known to be committed. Never falls. */
  commitIndex: number;
  /** The highest index handed out to the state machine. Never falls. */
  lastApplied: number;
  role: Role;
  /** This replica stopped leading and never campaigns again in this run. Set by `resign`, never cleared. */
  resigned = false;
  /** Undefined if no campaign was backed since the last contact with a leader or the last change of the term. */
  backing: Backing | undefined;
  /** Undefined once the vote of the current term is durable. */
  pendingVote: PendingVote | undefined;
  /** Size limit of the payload of one message at present, in bytes; see the input `payloadLimit`. */
  payloadLimitBytes: number = Number.POSITIVE_INFINITY;
  /**
   * Duration of the last vote that was seen, in ms: from the decision to request or grant it until it was durable or
   * received.
   */
  voteMs = 0;
  incoming: IncomingSnapshot | undefined;
  /** The storage lacks what a peer has counted. Never cleared: the replica stops. */
  storageLost: StorageLost | undefined;

  /** The present: the time of the last input, in ms. Set by `RaftCore.step` alone; never falls. */
  nowMs: number;

  /** Handed out by the next `take()`, besides messages and entries. */
  sendChunks: ChunkToSend[] = [];
  storeChunks: ReceivedChunk[] = [];
  reads: ReadOutcome[] = [];

  constructor(config: RaftConfig, restored: PersistedState, role: Role, nowMs: number) {
    this.config = config;
    this.membership = new Membership(config.id, config.voters);
    this.log = new RaftLog(restored);
    const storedLastIndex = restored.prevLogIndex + restored.entries.length;
    this.durability = new Durability(this.log, storedLastIndex, restored.hardState.currentTerm);
    this.outbox = new Outbox(this.durability);
    this.countedPeers = new CountedPeers(this.durability, restored.hardState.countedPeers);
    this.applyPace = new ApplyPace({ maxEntries: config.maxApplyEntries, maxMs: config.maxApplyMs });
    this.currentTerm = restored.hardState.currentTerm;
    this.votedFor = restored.hardState.votedFor;
    this.commitIndex = this.log.snapshotIndex;
    this.lastApplied = this.log.snapshotIndex;
    this.role = role;
    this.nowMs = nowMs;
  }

  get id(): ReplicaId {
    return this.config.id;
  }

  get hardState(): HardState {
    return { currentTerm: this.currentTerm, votedFor: this.votedFor, countedPeers: this.countedPeers.peers };
  }

  /** Every entry up to this index is committed and durable here, so it may be applied (decision 4). */
  get settledIndex(): number {
    return Math.min(this.commitIndex, this.durability.durableIndex);
  }

  get lastPosition(): LogPosition {
    return { index: this.log.lastIndex, term: this.log.lastTerm };
  }

  /** The leader of the current term, as far as this replica knows. */
  get leader(): ReplicaId | undefined {
    if (this.role.type === "leader") return this.id;
    return this.role.type === "follower" ? this.role.leader : undefined;
  }
}
