import type {
  LogPosition,
  PersistedState,
  RaftRequest,
  RaftView,
  ReplicaId,
  RoleName,
  SnapshotMeta,
  WriteBatch,
} from "../../raft/index.ts";
import type { History } from "./history.ts";
import type { Positions } from "./positions.ts";
import { DisallowedStep, type RuleName } from "./rules.ts";
import { Stored } from "./stored.ts";

/** A request that was taken in, and what its reply must say. */
export interface Call {
  readonly from: ReplicaId;
  readonly request: RaftRequest;
  /** The current term when the request had been dealt with. */
  readonly term: number;
  /** Why the reply must refuse; undefined if it must agree. */
  readonly refusal: RuleName | undefined;
  /** What a reply that agrees says is durable here. */
  readonly promised: LogPosition | undefined;
  /** Of a newcomer's question: whom this replica durably relied on by then; absent if it was a newcomer itself. */
  readonly reliedOn?: readonly ReplicaId[] | undefined;
}

/** A read that waits, and what had happened when it was asked. */
export interface Read {
  /** The term in which this replica was asked as a leader. */
  readonly ledTerm: number | undefined;
  /** The last round of heartbeats that had been sent. */
  readonly round: number;
  readonly committedIndex: number;
}

/** What all replicas of a cluster have in common. */
export interface Cluster {
  readonly voters: readonly ReplicaId[];
  /** For so long, in ms of its own clock, a follower believes in a leader that it heard. */
  readonly electionTimeoutMinMs: number;
  readonly history: History;
}

/** One replica of the abstract Raft (figure 2): what is volatile, and what is stored. */
export class AbstractReplica {
  readonly id: ReplicaId;
  readonly history: History;
  readonly #cluster: Cluster;
  /** What was traced last, in words; asked for only when it was disallowed. */
  event: () => string = () => "start";

  stored: Stored;
  /** The write that is under way: a crash may lose it or not. */
  writing: WriteBatch | undefined;
  /** A received snapshot whose last chunk was handed out: it may be stored at any time. */
  installing: SnapshotMeta | undefined;

  role: RoleName = "newcomer";
  currentTerm: number;
  votedFor: ReplicaId | undefined;
  leader: ReplicaId | undefined;
  /** When the leader of this term was heard, by this replica's clock. */
  heardAtMs: number = Number.NEGATIVE_INFINITY;
  log: Positions;
  snapshot: LogPosition;
  commitIndex: number;
  lastApplied: number;
  /** Up to here the log in memory is stored. */
  durableIndex: number;
  readonly calls: Map<number, Call> = new Map();
  readonly reads: Map<number, Read> = new Map();
  /** The candidacies of this life, as texts: their requests may leave late. */
  readonly candidacies: Set<string> = new Set();
  /** Who granted what is being asked for, the pre-vote or the vote. */
  readonly votes: Set<ReplicaId> = new Set();
  /** The peers with whom a decision was made, whether that is stored yet or not (decision 6). */
  readonly noted: Set<ReplicaId>;
  /** While a newcomer: whom each peer relied on. */
  readonly answers: Map<ReplicaId, readonly ReplicaId[]> = new Map();
  /** While a newcomer: the peers that are too. */
  readonly newcomers: Set<ReplicaId> = new Set();
  /** While a newcomer: the last sending before it heard of another one. */
  askedAnewAfter = 0;
  /** Of peers that came with empty storage: what was sent to them up to this sending is not counted. */
  readonly disregarded: Map<ReplicaId, number> = new Map();

  /** While leading. */
  readonly matchIndex: Map<ReplicaId, number> = new Map();
  round = 0;
  /** The highest round that each peer answered in this leadership. */
  readonly answeredRound: Map<ReplicaId, number> = new Map();

  constructor(id: ReplicaId, cluster: Cluster, restored: PersistedState) {
    this.id = id;
    this.history = cluster.history;
    this.#cluster = cluster;
    this.noted = new Set(restored.hardState.reliedOn);
    this.stored = new Stored(restored);
    this.currentTerm = restored.hardState.currentTerm;
    this.votedFor = restored.hardState.votedFor;
    this.snapshot = this.stored.snapshot;
    this.log = this.stored.logAfter(this.snapshot);
    this.commitIndex = this.snapshot.index;
    this.lastApplied = this.snapshot.index;
    this.durableIndex = this.log.lastIndex;
  }

  /** @throws DisallowedStep if a rule does not hold for what was traced */
  demand(holds: boolean, rule: RuleName): asserts holds {
    if (!holds) throw new DisallowedStep(this.id, rule, this.event());
  }

  isQuorum(agrees: (voter: ReplicaId) => boolean): boolean {
    let count = 0;
    for (const voter of this.#cluster.voters) if (agrees(voter)) count++;
    return 2 * count > this.#cluster.voters.length;
  }

  /** Whether there is nobody to ask. */
  get isAlone(): boolean {
    return this.#cluster.voters.length === 1;
  }

  get peers(): readonly ReplicaId[] {
    return this.#cluster.voters.filter((voter) => voter !== this.id);
  }

  /** Thesis §4.2.3: whether a live leader is known, by this replica's clock. */
  hearsLeader(nowMs: number): boolean {
    if (this.role === "leader") return true;
    return this.role === "follower" && nowMs < this.heardAtMs + this.#cluster.electionTimeoutMinMs;
  }

  /** Decision 6: it is noted durably whose promises are counted, before they are. */
  reliesOn(peer: ReplicaId): boolean {
    return this.stored.hardState.reliedOn.includes(peer);
  }

  termAt(index: number): number | undefined {
    return index < this.snapshot.index ? this.history.committedTerm(index) : this.log.termAt(index);
  }

  /** §5.1: follows a higher term. */
  adopt(term: number): void {
    if (term <= this.currentTerm) return;
    this.currentTerm = term;
    this.votedFor = undefined;
    this.becomeFollower();
  }

  becomeFollower(): void {
    this.role = "follower";
    this.leader = undefined;
    this.heardAtMs = Number.NEGATIVE_INFINITY;
  }

  commit(to: number): void {
    for (let index = this.commitIndex + 1; index <= to; index++) {
      const term = this.log.termAt(index);
      this.demand(
        term !== undefined && this.history.commit({ index, term }, this.currentTerm),
        "sameCommitted",
      );
    }
    this.commitIndex = Math.max(this.commitIndex, to);
  }

  /** The replica is where the abstract one is; what was not looked at before changed without a reason. */
  agree(view: RaftView): void {
    this.demand(view.currentTerm === this.currentTerm, "higherTerm");
    this.demand(view.votedFor === this.votedFor, "oneVote");
    this.demand(view.role === this.role, "role");
    this.demand(view.leader === this.leader, "oneLeader");
    this.demand(
      view.lastLogIndex === this.log.lastIndex && view.lastLogTerm === this.log.lastTerm,
      "logChange",
    );
    this.demand(view.commitIndex === this.commitIndex, "commitChange");
    this.demand(view.lastApplied === this.lastApplied, "applyOrder");
    this.demand((view.snapshot?.lastIncludedIndex ?? 0) === this.snapshot.index, "snapshotReplaces");
    this.demand(view.durableIndex <= this.durableIndex, "durableIndex");
    for (const { id, matchIndex } of view.peers) {
      this.demand(matchIndex <= (this.matchIndex.get(id) ?? 0), "matchIndex");
    }
  }
}
