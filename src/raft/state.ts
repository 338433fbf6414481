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
  /** Who leads this term, once heard of. */
  readonly leader: ReplicaId | undefined;
  /** When the leader was last heard, in ms. */
  lastContactMs: number;
  electionDeadlineMs: number;
  /** The deadline was noticed late, because this process stalled, and was put off once. */
  stallForgiven: boolean;
}

export interface Candidate {
  readonly type: "candidate";
  /** Asks whether votes would be granted, before it disturbs anyone with a new term (thesis §9.6). */
  readonly preVote: boolean;
  /** Each vote counts once the hard state of this version is durable. */
  readonly votes: Map<ReplicaId, number>;
  /** Voters that lost their storage after they were asked: a vote of theirs does not count. */
  readonly ignoredVoters: Set<ReplicaId>;
  /** Answered the request for their vote with a refusal; of pre-votes nobody keeps count. */
  readonly refusedBy: Set<ReplicaId>;
  /** When the others were asked first, in ms: a vote is asked for once the candidate's own is durable. */
  askedAtMs: number;
  /** When those that have not answered are asked again, in ms; infinite until the candidate's vote is durable. */
  nextRetryMs: number;
  electionDeadlineMs: number;
  /** Somebody refused the vote, and yet the others were waited for once more. */
  extended: boolean;
  stallForgiven: boolean;
}

/** The campaign that a replica backs; see backing.ts. */
export interface Backing {
  readonly candidate: ReplicaId;
  /** The term that it is for: the next one after a pre-vote, the current one after a vote. */
  readonly term: number;
  /** Where the candidate's log ends. */
  readonly log: LogPosition;
  /** In ms; infinite while the vote is being written. */
  untilMs: number;
}

/** A vote, for itself or another, that is not durable yet. */
export interface PendingVote {
  /** When it was given, in ms. */
  readonly atMs: number;
  readonly hardStateVersion: number;
}

export interface Leader {
  readonly type: "leader";
  /** The index of the no-op that began this leadership; once it is committed, so is all before it (§5.4.2, §8). */
  readonly firstIndex: number;
  readonly peers: Map<ReplicaId, Progress>;
  readonly reads: ReadIndex;
  readonly admission: Admission;
  nextHeartbeatMs: number;
  /** The last entry of the log when it was looked at, and since when it awaits its commit, in ms; undefined if none does. */
  awaitedCommit: { readonly index: number; readonly sinceMs: number } | undefined;
  /** How long a commit took when last seen, at the heartbeats, in ms. */
  commitMs: number;
  /**
   * The write in flight at the last heartbeats, or that the storage has no space, and since when a quorum has stored what
   * this replica is to store, in ms.
   */
  slowWrite: { readonly batch: WriteBatch | "full" | undefined; readonly sinceMs: number };
  /** No quorum was in contact after a stall of our own; that was put up with once. */
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
  /** The pause before the peers that have not answered are asked again, in ms. */
  pauseMs: number;
}

export type Role = Bootstrapping | Follower | Candidate | Leader;

/** A snapshot on its way in. */
export interface IncomingSnapshot {
  readonly from: ReplicaId;
  readonly term: number;
  readonly meta: SnapshotMeta;
  /** What is saved so far, in bytes. */
  nextOffset: number;
  /** A chunk was handed out to be saved, and has not been reported. */
  storing: boolean;
  /** That chunk is the last: from here on the snapshot will be installed, and nothing else is applied. */
  installing: boolean;
}

/** All that a replica knows (figure 2). The functions of the role files change it, one input at a time. */
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
  /** Whom it voted for in `currentTerm`; written once per term. */
  votedFor: ReplicaId | undefined;
  /** The highest index known to be committed. Never falls. */
  commitIndex: number;
  /** The highest index handed out to the state machine. Never falls. */
  lastApplied: number;
  role: Role;
  /** Leads no more and never campaigns again in this life. Set by `resign`, never cleared. */
  resigned = false;
  /** Undefined if no campaign was backed since a leader was heard or the term changed. */
  backing: Backing | undefined;
  /** Undefined once the vote of the current term is durable. */
  pendingVote: PendingVote | undefined;
  /** What one message may carry at present, in bytes; see the input `payloadLimit`. */
  payloadLimitBytes: number = Number.POSITIVE_INFINITY;
  /** How long a vote took when last seen, from the decision to ask or to grant until it was durable or came in, in ms. */
  voteMs = 0;
  incoming: IncomingSnapshot | undefined;
  /** This replica's storage lacks what a peer counted on. Never cleared: the replica stops. */
  storageLost: StorageLost | undefined;

  /** The present: the time of the last input, in ms. Set by `RaftCore.step` alone; never falls. */
  nowMs: number;

  /** What `take()` hands out next, besides messages and entries. */
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

  /** Every entry up to this one is committed, and durable here: it may be applied (decision 4). */
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
