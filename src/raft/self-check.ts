import { type Checked, checkRules } from "./invariants.ts";
import type { RaftLog } from "./log/log.ts";
import type { RaftState } from "./state.ts";
import type { ReplicaId, SnapshotMeta } from "./types.ts";
import { type RoleName, roleNameOf } from "./view.ts";

interface CheckedPeer {
  matchIndex: number;
  nextIndex: number;
  lostAcknowledged: boolean;
}

/**
 * Checks the invariants of one replica from take to take. The two instants that a check compares are recorded in two
 * objects that take turns. So a check creates nothing, and it can stay on in production.
 */
export class SelfCheck {
  #before: Instant;
  #now: Instant;

  /** @param raft as restored */
  constructor(raft: RaftState) {
    this.#before = new Instant(raft);
    this.#now = new Instant(raft);
  }

  /** @throws InvariantViolation that names the rule and its source */
  check(raft: RaftState): void {
    const now = this.#now;
    now.record(raft);
    checkRules(this.#before, now);
    this.#now = this.#before;
    this.#before = now;
  }
}

/** What the rules are about, at one instant; see `RaftView` for the fields. */
class Instant implements Checked {
  readonly id: ReplicaId;
  role: RoleName = "follower";
  currentTerm = 0;
  votedFor: ReplicaId | undefined;
  leader: ReplicaId | undefined;
  resigned = false;
  commitIndex = 0;
  lastApplied = 0;
  durableIndex = 0;
  firstLogIndex = 0;
  lastLogIndex = 0;
  lastLogTerm = 0;
  snapshot: SnapshotMeta | undefined;
  leadershipIndex: number | undefined;
  readonly peers: CheckedPeer[] = [];
  readonly #log: RaftLog;

  constructor(raft: RaftState) {
    this.id = raft.id;
    this.#log = raft.log;
    this.record(raft);
  }

  /** The term in the log as it is at the call. */
  termAt(index: number): number | undefined {
    return this.#log.termAt(index);
  }

  record(raft: RaftState): void {
    const { log, role } = raft;
    this.role = roleNameOf(role);
    this.currentTerm = raft.currentTerm;
    this.votedFor = raft.votedFor;
    this.leader = raft.leader;
    this.resigned = raft.resigned;
    this.commitIndex = raft.commitIndex;
    this.lastApplied = raft.lastApplied;
    this.durableIndex = raft.durability.durableIndex;
    this.firstLogIndex = log.firstIndex;
    this.lastLogIndex = log.lastIndex;
    this.lastLogTerm = log.lastTerm;
    this.snapshot = log.snapshot;
    this.leadershipIndex = role.type === "leader" ? role.firstIndex : undefined;
    if (role.type === "leader") this.#recordPeers(role.peers.values());
    else this.peers.length = 0;
  }

  #recordPeers(peers: Iterable<Readonly<CheckedPeer>>): void {
    let at = 0;
    for (const { matchIndex, nextIndex, lostAcknowledged } of peers) {
      const known = this.peers[at++];
      if (known === undefined) {
        this.peers.push({ matchIndex, nextIndex, lostAcknowledged });
      } else {
        known.matchIndex = matchIndex;
        known.nextIndex = nextIndex;
        known.lostAcknowledged = lostAcknowledged;
      }
    }
  }
}
