import type { RequestVote, RequestVoteReply } from "./messages.ts";
import type { Candidate, RaftState } from "./state.ts";
import {
  adoptTerm,
  becomeCandidate,
  becomeLeader,
  becomePreCandidate,
  electionTimeoutMs,
} from "./transitions.ts";
import type { ReplicaId } from "./types.ts";

/** Leader election (§5.2, §5.4.1) with pre-vote (thesis §9.6) and leader stickiness (thesis §4.2.3). */

/** The election timer: no leader was heard, or the campaign brought no decision. */
export function electionTimedOut(raft: RaftState, now: number): void {
  const role = raft.role;
  if (role.type === "leader" || now < role.electionDeadlineMs) return;
  const lateness = now - role.electionDeadlineMs;
  if (lateness > raft.config.heartbeatMs && !role.graceGiven) {
    // We were the ones who stalled. What the leader sent meanwhile still waits to be read: our own pause is no
    // evidence against it.
    role.graceGiven = true;
    role.electionDeadlineMs = now + raft.config.heartbeatMs;
    return;
  }
  campaign(raft, now);
}

function campaign(raft: RaftState, now: number): void {
  becomePreCandidate(raft, now);
  requestVotes(raft, true);
  countVote(raft, raft.id, now);
}

function requestVotes(raft: RaftState, preVote: boolean): void {
  const { index: lastLogIndex, term: lastLogTerm } = raft.lastPosition;
  const term = preVote ? raft.currentTerm + 1 : raft.currentTerm;
  for (const peer of raft.membership.peers) {
    raft.outbox.request(peer, {
      type: "requestVote",
      term,
      candidateId: raft.id,
      lastLogIndex,
      lastLogTerm,
      preVote,
    });
  }
}

/** Receiver's side of RequestVote (figure 2). */
export function handleRequestVote(raft: RaftState, request: RequestVote, callId: number, now: number): void {
  const reply = (voteGranted: boolean) =>
    raft.outbox.reply(callId, { type: "requestVote", term: raft.currentTerm, voteGranted });
  // Stickiness: while a leader is alive nobody is helped to depose it, not even by taking over the term.
  if (request.term < raft.currentTerm || hearsLeader(raft, now)) return reply(false);

  const upToDate = raft.log.isUpToDate({ index: request.lastLogIndex, term: request.lastLogTerm });
  if (request.preVote) return reply(request.term > raft.currentTerm && upToDate);

  if (request.term > raft.currentTerm) adoptTerm(raft, request.term, now);
  const free = raft.votedFor === undefined || raft.votedFor === request.candidateId;
  if (!free || !upToDate) return reply(false);
  if (raft.votedFor === undefined) {
    raft.votedFor = request.candidateId;
    raft.durability.hardStateChanged();
  }
  if (raft.role.type === "follower") {
    raft.role.electionDeadlineMs = now + electionTimeoutMs(raft.config);
  }
  reply(true);
}

function hearsLeader(raft: RaftState, now: number): boolean {
  const { role, config } = raft;
  if (role.type === "leader") return true;
  return role.type === "follower" && now - role.heardAtMs < config.electionTimeoutMinMs;
}

/** Candidate's side of the reply. */
export function handleRequestVoteReply(
  raft: RaftState,
  from: ReplicaId,
  request: RequestVote,
  reply: RequestVoteReply,
  now: number,
): void {
  const role = raft.role;
  if (role.type !== "candidate" || role.preVote !== request.preVote || !reply.voteGranted) return;
  // A vote counts in the election it was asked for, and in no other.
  if (request.term !== (role.preVote ? raft.currentTerm + 1 : raft.currentTerm)) return;
  countVote(raft, from, now);
}

/** The own vote counts like any other: once it is durable. */
export function ownVoteDurable(raft: RaftState, now: number): void {
  const { role, durability } = raft;
  if (role.type !== "candidate" || role.preVote || role.votes.has(raft.id)) return;
  if (durability.isDurable({ hardStateVersion: durability.hardStateVersion, index: 0 })) {
    countVote(raft, raft.id, now);
  }
}

function countVote(raft: RaftState, from: ReplicaId, now: number): void {
  const role = raft.role as Candidate;
  role.votes.add(from);
  if (!raft.membership.hasQuorum((voter) => role.votes.has(voter))) return;
  if (role.preVote) {
    becomeCandidate(raft, now);
    requestVotes(raft, false);
  } else {
    becomeLeader(raft, now);
  }
}
