import type { PeerReply } from "../input.ts";
import { invariant } from "../invariant-violation.ts";
import type { RequestVote, RequestVoteReply } from "../messages.ts";
import type { Candidate, RaftState } from "../state.ts";
import type { ReplicaId } from "../types.ts";
import { grantsPreVote, isBacking, waitForVotes } from "./backing.ts";
import {
  adoptTerm,
  becomeCandidate,
  becomeLeader,
  becomePreCandidate,
  castVote,
  hasAtMostThreeVoters,
  newFollower,
  retryMs,
  shortestRetryMs,
} from "./transitions.ts";

/** Leader election (§5.2, §5.4.1) with pre-vote (thesis §9.6) and leader stickiness (thesis §4.2.3). */

/** The election timer: no contact with a leader, or no decision of the campaign. */
export function electionTimedOut(raft: RaftState): void {
  const role = raft.role;
  if (raft.resigned || (role.type !== "follower" && role.type !== "candidate")) return;
  if (raft.nowMs < role.electionDeadlineMs) {
    if (role.type === "candidate" && raft.nowMs >= role.nextRetryMs) retryVoteRequests(raft, role);
    return;
  }
  const lateness = raft.nowMs - role.electionDeadlineMs;
  if (lateness > raft.config.heartbeatMs && !role.stallForgiven) {
    // This process stalled. Messages of the leader may be waiting to be read, so the pause is no evidence against it.
    role.stallForgiven = true;
    role.electionDeadlineMs = raft.nowMs + raft.config.heartbeatMs;
    return;
  }
  if (lacksSpace(raft)) {
    role.electionDeadlineMs = raft.nowMs + retryMs(raft);
  } else if (raft.pendingVote !== undefined) {
    // This replica's disk is slow. Another campaign would be one more write behind this vote, and would delay the
    // candidate that waits for the vote.
    role.electionDeadlineMs = raft.nowMs + retryMs(raft);
  } else if (role.type === "candidate" && !role.preVote && waitsOn(raft, role)) {
    retryVoteRequests(raft, role);
  } else {
    campaign(raft);
  }
}

/** Others have committed what this replica has no space for, so one of them must lead. */
function lacksSpace({ durability, commitIndex }: RaftState): boolean {
  return durability.isFull && commitIndex > durability.durableIndex;
}

/**
 * §5.2: a candidate that may still win stays in its term, and asks the voters again that have not replied (§5.1). A new
 * term would make every voter write again. If that takes longer than an election timeout, no one would ever be elected.
 *
 * If a voter refused, the missing votes may be those of dead replicas. Then the candidate waits once more only, for
 * twice as long as the last vote took.
 */
function waitsOn(raft: RaftState, role: Candidate): boolean {
  if (!mayWin(raft, role)) return false;
  if (role.refusedBy.size === 0 && role.ignoredVoters.size === 0) {
    role.electionDeadlineMs = raft.nowMs + retryMs(raft);
    return true;
  }
  if (role.extended) return false;
  role.extended = true;
  role.electionDeadlineMs = raft.nowMs + 2 * raft.voteMs;
  return true;
}

function mayWin({ membership }: RaftState, { refusedBy, ignoredVoters }: Candidate): boolean {
  return membership.hasQuorum((voter) => !refusedBy.has(voter) && !ignoredVoters.has(voter));
}

function campaign(raft: RaftState): void {
  invariant(!raft.resigned, "thesis §3.10 a replica that resigned never campaigns");
  becomePreCandidate(raft);
  requestVotes(raft, true);
  countVote(raft, raft.id);
}

/**
 * §5.1: repeats the requests that have no reply. A peer whose last contact with the dead leader was a little later
 * grants its pre-vote then. A vote may be written for longer than a call lasts, and is granted again when requested
 * again.
 */
function retryVoteRequests(raft: RaftState, candidate: Candidate): void {
  const { preVote, votes, ignoredVoters, refusedBy } = candidate;
  const missing = raft.membership.peers.filter(
    (peer) => !votes.has(peer) && !ignoredVoters.has(peer) && !refusedBy.has(peer),
  );
  const pauseMs = preVote ? raft.config.heartbeatMs : shortestRetryMs(raft.config);
  candidate.nextRetryMs = missing.length === 0 ? Number.POSITIVE_INFINITY : raft.nowMs + pauseMs;
  requestVotes(raft, preVote, missing);
}

function requestVotes(raft: RaftState, preVote: boolean, peers = raft.membership.peers): void {
  const { index: lastLogIndex, term: lastLogTerm } = raft.lastPosition;
  const term = preVote ? raft.currentTerm + 1 : raft.currentTerm;
  invariant(
    preVote || raft.votedFor === raft.id,
    "§5.2 a candidate votes for itself before it requests votes",
  );
  const request = {
    type: "requestVote",
    term,
    candidateId: raft.id,
    lastLogIndex,
    lastLogTerm,
    preVote,
  } as const;
  for (const peer of peers) {
    if (preVote) raft.outbox.preVote({ type: "request", to: peer, request });
    else raft.outbox.request(peer, request);
  }
}

/**
 * §5.4.1: a candidate lacks entries that are here, so it can't win, and this replica may. With many rivals several
 * would campaign at the same time and split the votes. A replica that gave its vote to another waits for that one.
 */
function campaignNow(raft: RaftState): void {
  const { role, config, votedFor } = raft;
  if (role.type !== "follower" || !hasAtMostThreeVoters(config) || isBacking(raft)) return;
  if (role.leader !== undefined || votedFor === undefined) role.electionDeadlineMs = raft.nowMs;
}

/** Receiver's side of RequestVote (figure 2). */
export function handleRequestVote(raft: RaftState, request: RequestVote, callId: number): void {
  const reply = (voteGranted: boolean) =>
    raft.outbox.reply(callId, { type: "requestVote", term: raft.currentTerm, voteGranted });
  // Stickiness: while a leader is alive, no request for a vote may depose it, not even by its term.
  if (request.term < raft.currentTerm || hasLiveLeader(raft)) return reply(false);

  const upToDate = raft.log.isUpToDate({ index: request.lastLogIndex, term: request.lastLogTerm });
  if (request.preVote) {
    if (!upToDate) campaignNow(raft);
    const grants = request.term > raft.currentTerm && upToDate && grantsPreVote(raft, request);
    if (!grants) return reply(false);
    // A term is sent only after it is durable. The term of the candidate is no lower, so it learns nothing from this
    // one.
    const granted = { type: "requestVote", term: raft.durability.durableTerm, voteGranted: true } as const;
    return raft.outbox.preVote({ type: "reply", callId, reply: granted });
  }

  if (request.term > raft.currentTerm) adoptTerm(raft, request.term);
  const free = raft.votedFor === undefined || raft.votedFor === request.candidateId;
  if (!free || !upToDate) return reply(false);
  if (raft.votedFor === undefined) {
    // The candidate's own vote is counted together with this one.
    raft.countedPeers.record(request.candidateId);
    castVote(raft, request.candidateId, { index: request.lastLogIndex, term: request.lastLogTerm });
    // Once per vote: a candidate that repeats its request but gets no reply must not keep others from campaigning.
    const follower = newFollower(raft);
    // A late request for a vote changes nothing about the leader that is known by now.
    if (raft.role.type === "follower") raft.role.electionDeadlineMs = follower.electionDeadlineMs;
    else raft.role = follower;
  }
  invariant(
    raft.votedFor === request.candidateId && raft.currentTerm === request.term,
    "§5.2 a vote is for the candidate that requested it, in the requested term",
  );
  reply(true);
}

function hasLiveLeader(raft: RaftState): boolean {
  const { role, config } = raft;
  if (role.type === "leader") return true;
  return role.type === "follower" && raft.nowMs - role.lastContactMs < config.electionTimeoutMinMs;
}

/** Candidate's side of RequestVote. */
export function handleRequestVoteReply(
  raft: RaftState,
  { from, request, reply }: PeerReply<RequestVote, RequestVoteReply>,
): void {
  const role = raft.role;
  if (role.type !== "candidate" || role.preVote !== request.preVote) return;
  // A vote counts only in the election that it was requested for.
  if (request.term !== (role.preVote ? raft.currentTerm + 1 : raft.currentTerm)) return;
  if (role.ignoredVoters.has(from)) return;
  if (!reply.voteGranted) {
    if (request.preVote) return;
    // A voter that refuses in an older term has a live leader (thesis §4.2.3) and has decided nothing: it is asked
    // again.
    if (reply.term < request.term) return;
    role.refusedBy.add(from);
    // A lost campaign must not hinder others.
    if (!mayWin(raft, role) && raft.backing !== undefined) raft.backing.untilMs = raft.nowMs;
    return;
  }
  // A repeated reply, to a repeated request.
  if (role.votes.has(from)) return;
  if (!request.preVote) {
    raft.countedPeers.record(from);
    raft.voteMs = raft.nowMs - role.askedAtMs;
    waitForVotes(raft, role);
  }
  countVote(raft, from);
}

/**
 * A vote counts only when it is durable: the candidate's own vote in its hard state, a peer's vote once the record of
 * that peer is.
 */
function countVote(raft: RaftState, from: ReplicaId): void {
  const { role } = raft;
  invariant(role.type === "candidate", "§5.2 votes are for candidates");
  invariant(
    role.preVote || from === raft.id || raft.countedPeers.has(from),
    "docs/decisions/0006: a peer is recorded before its vote is counted",
  );
  role.votes.set(from, role.preVote ? 0 : raft.durability.hardStateVersion);
  decideElection(raft);
}

/** Called after a vote was received or a write was completed. */
export function decideElection(raft: RaftState): void {
  const { role, durability, membership } = raft;
  if (role.type !== "candidate") return;
  const counts = (voter: ReplicaId) => {
    const hardStateVersion = role.votes.get(voter);
    return hardStateVersion !== undefined && durability.isDurable({ hardStateVersion, index: 0 });
  };
  if (!membership.hasQuorum(counts)) return;
  if (!role.preVote) return becomeLeader(raft);
  becomeCandidate(raft);
  requestVotes(raft, false);
  countVote(raft, raft.id);
}
