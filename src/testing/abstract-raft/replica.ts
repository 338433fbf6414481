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

/** A request that was received, and what its reply must say. */
export interface Call {
  readonly from: ReplicaId;
  readonly request: RaftRequest;
  /** The current term after the request was handled. */
  readonly term: number;
  /** Why the reply must refuse, or undefined if it must agree. */
  readonly refusal: RuleName | undefined;
  /** The part of the log that a positive reply claims to be durable here. */
  readonly promised: LogPosition | undefined;
  /** For a bootstrap check: the peers this replica had durably counted. Absent if it was a bootstrapping replica itself. */
  readonly countedPeers?: readonly ReplicaId[] | undefined;
}

/** A pending read, and what had happened when it started. */
export interface Read {
  /** The term in which this replica led when the read started. */
  readonly ledTerm: number | undefined;
  /** The last round of heartbeats sent before. */
  readonly round: number;
  readonly committedIndex: number;
}

/** The state that all replicas of a cluster share. */
export interface Cluster {
  readonly voters: readonly ReplicaId[];
  /** Time in ms of a follower's own clock for which it considers its leader alive after the last contact. */
  readonly electionTimeoutMinMs: number;
  readonly history: History;
}

/** One replica of the abstract Raft (figure 2): its volatile and its stored state. */
export class AbstractReplica {
  readonly id: ReplicaId;
  readonly history: History;
  readonly #cluster: Cluster;
  /** Describes the last traced event. Called only if it was disallowed. */
  event: () => string = () => "start";

  stored: Stored;
  /** The write in flight. A crash may lose it or not. */
  writing: WriteBatch | undefined;
  /** A received snapshot whose last chunk was passed on: it may become durable at any time. */
  installing: SnapshotMeta | undefined;

  role: RoleName = "bootstrapping";
  currentTerm: number;
  votedFor: ReplicaId | undefined;
  leader: ReplicaId | undefined;
  /** The time of the last contact with the leader of this term, on this replica's clock. */
  lastContactMs: number = Number.NEGATIVE_INFINITY;
  log: Positions;
  snapshot: LogPosition;
  commitIndex: number;
  lastApplied: number;
  /** The log is durable up to this index. */
  durableIndex: number;
  readonly calls: Map<number, Call> = new Map();
  readonly reads: Map<number, Read> = new Map();
  /** The candidacies since the start, as texts: their requests may be sent late. */
  readonly candidacies: Set<string> = new Set();
  /** The replicas that granted the current pre-vote or vote. */
  readonly votes: Set<ReplicaId> = new Set();
  /** The peers whose votes or acknowledgements were counted, whether that is stored yet or not (decision 6). */
  readonly noted: Set<ReplicaId>;
  /** While bootstrapping: the peers that each peer has counted. */
  readonly answers: Map<ReplicaId, readonly ReplicaId[]> = new Map();
  /** While bootstrapping: the peers that are blankPeers, too. */
  readonly blankPeers: Set<ReplicaId> = new Set();
  /** While bootstrapping: the last transmission before it learned of another bootstrapping replica. */
  askedAnewAfter = 0;
  /** Peers that returned with empty storage: messages sent to them up to this transmission are not counted. */
  readonly ignoredVoters: Map<ReplicaId, number> = new Map();

  /** While leading. */
  readonly matchIndex: Map<ReplicaId, number> = new Map();
  round = 0;
  /** The highest heartbeat round that each peer answered in this term of leadership. */
  readonly answeredRound: Map<ReplicaId, number> = new Map();

  constructor(id: ReplicaId, cluster: Cluster, restored: PersistedState) {
    this.id = id;
    this.history = cluster.history;
    this.#cluster = cluster;
    this.noted = new Set(restored.hardState.countedPeers);
    this.stored = new Stored(restored);
    this.currentTerm = restored.hardState.currentTerm;
    this.votedFor = restored.hardState.votedFor;
    this.snapshot = this.stored.snapshot;
    this.log = this.stored.logAfter(this.snapshot);
    this.commitIndex = this.snapshot.index;
    this.lastApplied = this.snapshot.index;
    this.durableIndex = this.log.lastIndex;
  }

  /** @throws DisallowedStep if the traced event breaks a rule */
  demand(holds: boolean, rule: RuleName): asserts holds {
    if (!holds) throw new DisallowedStep(this.id, rule, this.event());
  }

  isQuorum(agrees: (voter: ReplicaId) => boolean): boolean {
    let count = 0;
    for (const voter of this.#cluster.voters) if (agrees(voter)) count++;
    return 2 * count > this.#cluster.voters.length;
  }

  /** Whether there are no peers. */
  get isAlone(): boolean {
    return this.#cluster.voters.length === 1;
  }

  get peers(): readonly ReplicaId[] {
    return this.#cluster.voters.filter((voter) => voter !== this.id);
  }

  /** Thesis §4.2.3: returns whether a live leader is known, on this replica's clock. */
  hasLiveLeader(nowMs: number): boolean {
    if (this.role === "leader") return true;
    return this.role === "follower" && nowMs < this.lastContactMs + this.#cluster.electionTimeoutMinMs;
  }

  /** Decision 6: counted peers are durably recorded before they are counted. */
  hasCounted(peer: ReplicaId): boolean {
    return this.stored.hardState.countedPeers.includes(peer);
  }

  termAt(index: number): number | undefined {
    return index < this.snapshot.index ? this.history.committedTerm(index) : this.log.termAt(index);
  }

  /** §5.1: adopts a higher term. */
  adopt(term: number): void {
    if (term <= this.currentTerm) return;
    this.currentTerm = term;
    this.votedFor = undefined;
    this.becomeFollower();
  }

  becomeFollower(): void {
    this.role = "follower";
    this.leader = undefined;
    this.lastContactMs = Number.NEGATIVE_INFINITY;
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

  /** Checks that the replica is in the abstract replica's state: state that no rule touched must not have changed. */
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
