import { invariant } from "../invariant-violation.ts";
import type { RequestVote } from "../messages.ts";
import type { Candidate, RaftState } from "../state.ts";
import type { LogPosition } from "../types.ts";
import { electionTimeoutMs, newFollower, retryMs, shortestRetryMs } from "./transitions.ts";

/**
 * A replica backs one campaign at a time, so that rivals rarely split the votes (§5.2), however long a vote takes: the
 * one to which it gave a pre-vote or its vote, or its own. Meanwhile it refuses its pre-vote to others. Of two replicas
 * that ask for pre-votes at the same time, the one with the better log goes first, then the one with the smaller id.
 *
 * Backing decides when a campaign starts, never who may win it: a pre-vote binds nobody (thesis §9.6), and votes follow
 * the rules of the paper alone. It is bounded, so that a candidate that can't win keeps nobody else from winning: it
 * ends after a time, and before the vote each replica backs one campaign of a term, or one with a better log. After
 * that it grants every pre-vote that the paper allows.
 */

/** Whether a pre-vote is granted that the rules of the paper allow. Backs the campaign if none of its term was backed. */
export function grantsPreVote(raft: RaftState, request: RequestVote): boolean {
  const { role, backing, currentTerm } = raft;
  invariant(request.term > currentTerm, "thesis §9.6 a pre-vote is for a term to come");
  if (isBacking(raft) && backing?.candidate !== request.candidateId) {
    if (!yields(raft, request)) return false;
  } else if (backing !== undefined && backing.term >= request.term) {
    return true;
  }
  // A candidate that asks for votes may still win: others may try, but it goes on.
  if (role.type !== "candidate" || role.preVote) back(raft, request);
  return true;
}

/** Whether a campaign is backed at present. */
export function isBacking({ backing, nowMs }: RaftState): boolean {
  return backing !== undefined && nowMs < backing.untilMs;
}

/** Whether a rival goes before the campaign that is backed. A vote that was given is never followed by a yielding. */
function yields({ backing, currentTerm, id }: RaftState, request: RequestVote): boolean {
  if (backing === undefined || backing.term <= currentTerm) return false;
  const log = logOf(request);
  if (isBetter(log, backing.log)) return true;
  return backing.candidate === id && !isBetter(backing.log, log) && request.candidateId < id;
}

/** Lets the candidate go first: this replica campaigns if nothing comes of it in the time that a vote takes. */
function back(raft: RaftState, request: RequestVote): void {
  const { role, config } = raft;
  const log = logOf(request);
  invariant(role.type !== "leader" && role.type !== "bootstrapping", "§5.2 who leads backs no campaign");
  const untilMs = raft.nowMs + raft.voteMs + shortestRetryMs(config);
  raft.backing = { candidate: request.candidateId, term: request.term, log, untilMs };
  const electionDeadlineMs = raft.nowMs + retryMs(raft);
  if (role.type === "follower")
    role.electionDeadlineMs = Math.max(role.electionDeadlineMs, electionDeadlineMs);
  else raft.role = { ...newFollower(raft), electionDeadlineMs };
}

/** The vote that this replica gave, to itself or to another, is durable, and leaves now. */
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
    // §5.2: the wait begins with the vote, and a vote is given when it leaves. Other votes may take twice as long.
    role.electionDeadlineMs = raft.nowMs + 2 * raft.voteMs + electionTimeoutMs(config);
    if (raft.backing !== undefined)
      raft.backing.untilMs = raft.nowMs + 2 * raft.voteMs + shortestRetryMs(config);
  }
}

/**
 * A vote is durable or came in. The next one may take twice as long: the others' disks may be as slow, and busy with
 * another write at first. A quick vote says nothing about those that are missing, so it makes no wait shorter.
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
