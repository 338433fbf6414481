import { invariant } from "../invariant-violation.ts";
import type { Leader, RaftState } from "../state.ts";
import type { ReplicaId } from "../types.ts";
import { announceResignation } from "./replication.ts";
import { newFollower, stepDown } from "./transitions.ts";

/**
 * A replica that is about to stop stops leading, and never campaigns again in this run (thesis §3.10). It still votes
 * and follows.
 *
 * A leader announces this in its last message of the term, which names a successor. The peers then drop leader
 * stickiness, and the successor campaigns at once. This affects only when a campaign starts, never who may win it.
 * Pre-votes (thesis §9.6), votes (§5.2) and the check of the log (§5.4.1) apply as in every campaign. So a
 * resignation that is lost, repeated or late costs time at most. Stickiness protects a leader that leads (thesis
 * §4.2.3), and this one no longer does.
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
  invariant(raft.leader !== raft.id, "thesis §3.10 a replica that resigned no longer leads");
}

/**
 * Returns the peer that is most likely to win: in contact, then the one with the longest log, then the one with the
 * latest contact.
 */
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
