import { InvariantViolation } from "./invariant-violation.ts";
import type { RaftView } from "./view.ts";

/** Conditions that are true of a replica at any instant. */
interface InstantRule {
  readonly rule: string;
  readonly source: string;
  holds(now: RaftView): boolean;
}

/** Conditions that are true between two instants of one run of a replica. */
interface StepRule {
  readonly rule: string;
  readonly source: string;
  holds(before: RaftView, now: RaftView): boolean;
}

const snapshotIndexOf = (view: RaftView) => view.snapshot?.lastIncludedIndex ?? 0;

const sameLeadership = (before: RaftView, now: RaftView) =>
  before.role === "leader" && now.role === "leader" && before.currentTerm === now.currentTerm;

/** All are O(1) in the length of the log, so they stay on in production. */
export const instantRules: readonly InstantRule[] = [
  {
    rule: "only committed entries are applied",
    source: "§5.3",
    holds: (now) => now.lastApplied <= now.commitIndex,
  },
  {
    rule: "only entries that are durable on this replica are applied",
    source: "docs/decisions/0004",
    holds: (now) => now.lastApplied <= now.durableIndex,
  },
  {
    rule: "every committed entry is in the log",
    source: "§5.4",
    holds: (now) => now.commitIndex <= now.lastLogIndex,
  },
  {
    rule: "every durable entry is in the log",
    source: "§5.3",
    holds: (now) => now.durableIndex <= now.lastLogIndex,
  },
  {
    rule: "a snapshot covers only applied entries",
    source: "§7",
    holds: (now) => snapshotIndexOf(now) <= now.lastApplied,
  },
  {
    rule: "the log in memory starts no later than the end of the snapshot",
    source: "§7",
    holds: (now) => now.firstLogIndex <= snapshotIndexOf(now) + 1,
  },
  {
    rule: "no entry has a later term than the current one",
    source: "§5.3",
    holds: (now) => now.lastLogTerm <= now.currentTerm,
  },
  {
    rule: "no replica votes before the first term",
    source: "§5.2",
    holds: (now) => now.currentTerm > 0 || now.votedFor === undefined,
  },
  {
    rule: "a candidate and a leader have voted for themselves",
    source: "§5.2",
    holds: (now) => (now.role !== "candidate" && now.role !== "leader") || now.votedFor === now.id,
  },
  {
    rule: "a replica that resigned neither campaigns nor leads",
    source: "thesis §3.10",
    holds: (now) => !now.resigned || now.role === "follower" || now.role === "bootstrapping",
  },
  {
    rule: "a leadership begins with an entry of its term",
    source: "§8",
    holds: (now) =>
      now.leadershipIndex === undefined ||
      now.leadershipIndex <= snapshotIndexOf(now) ||
      now.termAt(now.leadershipIndex) === now.currentTerm,
  },
  {
    rule: "a peer holds no entry that its leader lacks",
    source: "§5.3",
    holds: (now) => now.peers.every((peer) => peer.matchIndex <= now.lastLogIndex),
  },
  {
    rule: "entries that a peer holds are not sent again",
    source: "§5.3",
    holds: (now) => now.peers.every((peer) => peer.matchIndex < peer.nextIndex),
  },
  {
    rule: "only entries of the log are sent",
    source: "§5.3",
    holds: (now) => now.peers.every((peer) => peer.nextIndex <= now.lastLogIndex + 1),
  },
];

export const stepRules: readonly StepRule[] = [
  {
    rule: "the current term never decreases",
    source: "§5.1",
    holds: (before, now) => now.currentTerm >= before.currentTerm,
  },
  {
    rule: "one vote is written per term",
    source: "§5.2",
    holds: (before, now) =>
      now.currentTerm !== before.currentTerm ||
      before.votedFor === undefined ||
      now.votedFor === before.votedFor,
  },
  {
    rule: "a term has one leader",
    source: "§5.2",
    holds: (before, now) =>
      now.currentTerm !== before.currentTerm ||
      before.leader === undefined ||
      now.leader === undefined ||
      now.leader === before.leader,
  },
  {
    rule: "a replica that resigned stays resigned",
    source: "thesis §3.10",
    holds: (before, now) => now.resigned || !before.resigned,
  },
  {
    rule: "the commit index never decreases",
    source: "§5.3",
    holds: (before, now) => now.commitIndex >= before.commitIndex,
  },
  {
    rule: "the last applied index never decreases",
    source: "§5.3",
    holds: (before, now) => now.lastApplied >= before.lastApplied,
  },
  {
    rule: "a snapshot is replaced only by a newer one",
    source: "§7",
    holds: (before, now) => snapshotIndexOf(now) >= snapshotIndexOf(before),
  },
  {
    rule: "a leader only appends to its log",
    source: "§5.3",
    holds: (before, now) => !sameLeadership(before, now) || now.lastLogIndex >= before.lastLogIndex,
  },
  {
    rule: "a peer's matchIndex never decreases within a leadership",
    source: "§5.3",
    holds: (before, now) =>
      !sameLeadership(before, now) ||
      before.peers.every((peer, at) => peer.matchIndex <= (now.peers[at]?.matchIndex ?? 0)),
  },
  {
    rule: "a peer that lost acknowledged entries stays out for the rest of the leadership",
    source: "docs/decisions/0006",
    holds: (before, now) =>
      !sameLeadership(before, now) ||
      before.peers.every((peer, at) => !peer.lostAcknowledged || now.peers[at]?.lostAcknowledged === true),
  },
];

/**
 * Checks one replica after a step.
 *
 * @param before the view after the previous step of the same run; undefined for the first one
 * @param now the view after this step
 * @throws InvariantViolation that names the rule and its source
 * @example
 * ```ts
 * import { checkInvariants, defaultTuning, emptyState, RaftCore, replicaId, seededRandom } from "ruaft/core";
 *
 * const id = replicaId("n1");
 * const config = { ...defaultTuning, id, voters: [id], volatileStorage: false, random: seededRandom(1) };
 * const core = new RaftCore(config, emptyState, 0);
 * const before = core.view();
 * core.step({ type: "timer" }, core.deadline());
 * core.take();
 * checkInvariants(before, core.view());
 * console.log("nothing broken"); // nothing broken
 * ```
 */
export function checkInvariants(before: RaftView | undefined, now: RaftView): void {
  for (const { rule, source, holds } of instantRules) {
    if (!holds(now)) throw violation(now, rule, source);
  }
  if (before === undefined) return;
  for (const { rule, source, holds } of stepRules) {
    if (!holds(before, now)) throw violation(now, rule, source);
  }
}

function violation(now: RaftView, rule: string, source: string): InvariantViolation {
  const { id, role, currentTerm, commitIndex, lastApplied, lastLogIndex } = now;
  const state = JSON.stringify({ role, currentTerm, commitIndex, lastApplied, lastLogIndex });
  return new InvariantViolation(`${source}: ${rule} (replica ${id}: ${state})`);
}
