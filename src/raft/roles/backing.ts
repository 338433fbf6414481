import { invariant } from "../invariant-violation.ts";
import type { RequestVote } from "../messages.ts";
import type { Candidate, RaftState } from "../state.ts";
import type { LogPosition } from "../types.ts";
import { electionTimeoutMs, newFollower, retryMs, shortestRetryMs } from "./transitions.ts";

/**
 * A replica backs one campaign at a time, so that rivals rarely split the votes (§5.2), even if votes take long. It is
 * the campaign that got its pre-vote or its vote, or its own. Meanwhile the replica refuses its pre-vote to others. If
 * two replicas ask for pre-votes at the same time, the one with the better log goes first, then the one with the
 * smaller id.
 *
 * Backing decides when a campaign starts, never who may win it: a pre-vote binds nobody (thesis §9.6), and votes follow
 * the rules of the paper alone. Backing is bounded, so that a candidate that can't win does not keep others from
 * winning. It ends after a time. Before the vote a replica backs one campaign of a term, or one with a better log;
 * after that it grants every pre-vote that the paper allows.
 */

/**
 * Returns whether to grant a pre-vote that the rules of the paper allow. Backs the campaign if none of its term was
 * backed.
 */
export function grantsPreVote(raft: RaftState, request: RequestVote): boolean {
  const { role, backing, currentTerm } = raft;
  invariant(request.term > currentTerm, "thesis §9.6 a pre-vote is for a later term");
  if (isBacking(raft) && backing?.candidate !== request.candidateId) {
    if (!yields(raft, request)) return false;
  } else if (backing !== undefined && backing.term >= request.term) {
    return true;
  }
  // A candidate that has requested votes may still win. It does not hinder others, but it continues.
  if (role.type !== "candidate" || role.preVote) back(raft, request);
  return true;
}

/** Returns whether a campaign is backed at present. */
export function isBacking({ backing, nowMs }: RaftState): boolean {
  return backing !== undefined && nowMs < backing.untilMs;
}

/** Returns whether a rival goes before the backed campaign. A campaign that got the vote of this term never yields. */
function yields({ backing, currentTerm, id }: RaftState, request: RequestVote): boolean {
  if (backing === undefined || backing.term <= currentTerm) return false;
  const log = logOf(request);
  if (isBetter(log, backing.log)) return true;
  return backing.candidate === id && !isBetter(backing.log, log) && request.candidateId < id;
}

/** Lets the candidate go first. This replica campaigns if that brings no leader in the time that a vote takes. */
function back(raft: RaftState, request: RequestVote): void {
  const { role, config } = raft;
  const log = logOf(request);
  invariant(role.type !== "leader" && role.type !== "bootstrapping", "§5.2 a leader supports no campaign");
  const untilMs = raft.nowMs + raft.voteMs + shortestRetryMs(config);
  raft.backing = { candidate: request.candidateId, term: request.term, log, untilMs };
  const electionDeadlineMs = raft.nowMs + retryMs(raft);
  if (role.type === "follower")
    role.electionDeadlineMs = Math.max(role.electionDeadlineMs, electionDeadlineMs);
  else raft.role = { ...newFollower(raft), electionDeadlineMs };
}

/** The vote of this replica, for itself or for another, became durable and leaves now. */
export function voteStored(raft: RaftState): void {
  const { pendingVote, durability, role, config } = raft;
  if (pendingVote === undefined) return;
  if (!durability.isDurable({ hardStateVersion: pendingVote.hardStateVersion, index: 0 })) return;
  invariant(raft.votedFor !== undefined, "§5.2 a vote that became durable was given");
  raft.pendingVote = undefined;
  raft.voteMs = raft.nowMs - pendingVote.atMs;
  if (role.type === "candidate") {
    role.askedAtMs = raft.nowMs;
    role.electionDeadlineMs = raft.nowMs;
    waitForVotes(raft, role);
    role.nextRetryMs = raft.nowMs + shortestRetryMs(config);
  } else if (role.type === "follower" && role.leader === undefined) {
    // §5.2: the wait begins when the vote leaves. Other votes may take twice as long.
    role.electionDeadlineMs = raft.nowMs + 2 * raft.voteMs + electionTimeoutMs(config);
    if (raft.backing !== undefined)
      raft.backing.untilMs = raft.nowMs + 2 * raft.voteMs + shortestRetryMs(config);
  }
}

/**
 * A vote became durable or was received. The next one may take twice as long, because the other disks may be as slow
 * and busy with another write at first. A quick vote says nothing about the missing ones, so it makes no wait shorter.
 */
export function waitForVotes(raft: RaftState, candidate: Candidate): void {
  candidate.electionDeadlineMs = Math.max(
    candidate.electionDeadlineMs,
    raft.nowMs + raft.voteMs + retryMs(raft),
  );
  if (raft.backing !== undefined) raft.backing.untilMs = candidate.electionDeadlineMs;
}

function logOf({ lastLogIndex, lastLogTerm }: RequestVote): LogPosition {
  return { index: lastLogIndex, term: lastLogTerm };
}

/** §5.4.1, strictly. */
function isBetter(log: LogPosition, other: LogPosition): boolean {
  return log.term > other.term || (log.term === other.term && log.index > other.index);
}
