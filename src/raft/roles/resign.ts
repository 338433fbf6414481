import { invariant } from "../invariant-violation.ts";
import type { Leader, RaftState } from "../state.ts";
import type { ReplicaId } from "../types.ts";
import { announceResignation } from "./replication.ts";
import { newFollower, stepDown } from "./transitions.ts";

/**
 * A replica that is about to stop leads no more and never campaigns again in this life (thesis §3.10). It votes and
 * follows as before.
 *
 * A leader says so in its last message of the term, which names a successor. The peers then drop leader stickiness,
 * and the successor campaigns at once. This changes only when a campaign starts, never who may win it: pre-vote
 * (thesis §9.6), the vote (§5.2) and the check of the log (§5.4.1) apply as to every campaign. A resignation that is
 * lost, repeated or late therefore costs time at most. Stickiness protects a leader that leads (thesis §4.2.3), and
 * this one does not.
 */
export function resign(raft: RaftState): void {
  if (raft.resigned) return;
  raft.resigned = true;
  const { role } = raft;
  if (role.type === "leader") {
    const successor = successorOf(raft, role);
    if (successor !== undefined) announceResignation(raft, role, successor);
    stepDown(raft);
  } else if (role.type === "candidate") {
    raft.role = newFollower(raft);
  }
  invariant(raft.leader !== raft.id, "thesis §3.10 a replica that resigned leads no more");
}

/** The peer that most likely wins: one in contact, of those one that lacks least, of those the one heard last. */
function successorOf(raft: RaftState, leader: Leader): ReplicaId | undefined {
  const { electionTimeoutMinMs } = raft.config;
  const ranked = [...leader.peers].map(([id, { matchIndex, lastContactMs }]) => ({
    id,
    inContact: raft.nowMs - lastContactMs < electionTimeoutMinMs,
    matchIndex,
    lastContactMs,
  }));
  ranked.sort(
    (a, b) =>
      Number(b.inContact) - Number(a.inContact) ||
      b.matchIndex - a.matchIndex ||
      b.lastContactMs - a.lastContactMs,
  );
  return ranked[0]?.id;
}
