import { InvariantViolation, invariant } from "./invariant-violation.ts";
import type { PeerView, RaftView } from "./view.ts";

/** The part of a replica's state that the rules are about. A `RaftView` has it. */
export interface Checked
  extends Pick<
    RaftView,
    | "id"
    | "role"
    | "currentTerm"
    | "votedFor"
    | "leader"
    | "resigned"
    | "commitIndex"
    | "lastApplied"
    | "durableIndex"
    | "firstLogIndex"
    | "lastLogIndex"
    | "lastLogTerm"
    | "snapshot"
    | "leadershipIndex"
    | "termAt"
  > {
  readonly peers: readonly CheckedPeer[];
}

type CheckedPeer = Pick<PeerView, "matchIndex" | "nextIndex" | "lostAcknowledged">;

/**
 * Conditions that are true of a replica at any instant. All are O(1) in the length of the log, so they stay on in
 * production. They run after every take, so they create nothing.
 */
function checkInstant(now: Checked): void {
  const { role, currentTerm, commitIndex, lastApplied, lastLogIndex, leadershipIndex } = now;
  const snapshotIndex = snapshotIndexOf(now);
  const leads = role === "leader";
  invariant(lastApplied <= commitIndex, "§5.3: only committed entries are applied");
  invariant(
    lastApplied <= now.durableIndex,
    "docs/decisions/0004: only entries that are durable on this replica are applied",
  );
  invariant(commitIndex <= lastLogIndex, "§5.4: every committed entry is in the log");
  invariant(now.durableIndex <= lastLogIndex, "§5.3: every durable entry is in the log");
  invariant(snapshotIndex <= lastApplied, "§7: a snapshot covers only applied entries");
  invariant(
    now.firstLogIndex <= snapshotIndex + 1,
    "§7: the log in memory starts no later than the end of the snapshot",
  );
  invariant(now.lastLogTerm <= currentTerm, "§5.3: no entry has a later term than the current one");
  invariant(currentTerm > 0 || now.votedFor === undefined, "§5.2: no replica votes before the first term");
  invariant(
    (role !== "candidate" && !leads) || now.votedFor === now.id,
    "§5.2: a candidate and a leader have voted for themselves",
  );
  invariant(
    !now.resigned || role === "follower" || role === "bootstrapping",
    "thesis §3.10: a replica that resigned neither campaigns nor leads",
  );
  invariant(
    leadershipIndex === undefined ||
      leadershipIndex <= snapshotIndex ||
      now.termAt(leadershipIndex) === currentTerm,
    "§8: a leadership begins with an entry of its term",
  );
  for (let at = 0; at < now.peers.length; at++) checkPeer(now.peers[at], lastLogIndex);
}

function checkPeer(peer: CheckedPeer | undefined, lastLogIndex: number): void {
  invariant(peer !== undefined, "what is known of the peers has no gap");
  const { matchIndex, nextIndex } = peer;
  invariant(matchIndex <= lastLogIndex, "§5.3: a peer holds no entry that its leader lacks");
  invariant(matchIndex < nextIndex, "§5.3: entries that a peer holds are not sent again");
  invariant(nextIndex <= lastLogIndex + 1, "§5.3: only entries of the log are sent");
}

/** Conditions that are true between two instants of one run of a replica. */
function checkStep(before: Checked, now: Checked): void {
  const sameTerm = now.currentTerm === before.currentTerm;
  invariant(now.currentTerm >= before.currentTerm, "§5.1: the current term never decreases");
  invariant(
    !sameTerm || before.votedFor === undefined || now.votedFor === before.votedFor,
    "§5.2: one vote is written per term",
  );
  invariant(
    !sameTerm || before.leader === undefined || now.leader === undefined || now.leader === before.leader,
    "§5.2: a term has one leader",
  );
  invariant(now.resigned || !before.resigned, "thesis §3.10: a replica that resigned stays resigned");
  invariant(now.commitIndex >= before.commitIndex, "§5.3: the commit index never decreases");
  invariant(now.lastApplied >= before.lastApplied, "§5.3: the last applied index never decreases");
  invariant(
    snapshotIndexOf(now) >= snapshotIndexOf(before),
    "§7: a snapshot is replaced only by a newer one",
  );
  if (sameTerm && before.role === "leader" && now.role === "leader") checkLeadership(before, now);
}

/** Conditions that are true between two instants of one leadership. */
function checkLeadership(before: Checked, now: Checked): void {
  invariant(now.lastLogIndex >= before.lastLogIndex, "§5.3: a leader only appends to its log");
  for (let at = 0; at < before.peers.length; at++) {
    const earlier = before.peers[at];
    const peer = now.peers[at];
    invariant(
      earlier !== undefined && peer !== undefined,
      "§6: a leadership keeps the peers that it began with",
    );
    invariant(
      earlier.matchIndex <= peer.matchIndex,
      "§5.3: a peer's matchIndex never decreases within a leadership",
    );
    invariant(
      !earlier.lostAcknowledged || peer.lostAcknowledged,
      "docs/decisions/0006: a peer that lost acknowledged entries stays out for the rest of the leadership",
    );
  }
}

/**
 * Checks one replica after a step. `RaftCore.take` does so itself.
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
  checkRules(before, now);
}

/** Like `checkInvariants`, for anything that has what the rules are about. */
export function checkRules(before: Checked | undefined, now: Checked): void {
  try {
    checkInstant(now);
    if (before !== undefined) checkStep(before, now);
  } catch (error) {
    throw error instanceof InvariantViolation ? withState(error, now) : error;
  }
}

function snapshotIndexOf({ snapshot }: Checked): number {
  return snapshot?.lastIncludedIndex ?? 0;
}

function withState({ message }: InvariantViolation, now: Checked): InvariantViolation {
  const { id, role, currentTerm, commitIndex, lastApplied, lastLogIndex } = now;
  const state = JSON.stringify({ role, currentTerm, commitIndex, lastApplied, lastLogIndex });
  return new InvariantViolation(`${message} (replica ${id}: ${state})`);
}
