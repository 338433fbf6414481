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

/** The election timer: no leader was heard, or the campaign brought no decision. */
export function electionTimedOut(raft: RaftState): void {
  const role = raft.role;
  if (raft.resigned || (role.type !== "follower" && role.type !== "candidate")) return;
  if (raft.nowMs < role.electionDeadlineMs) {
    if (role.type === "candidate" && raft.nowMs >= role.nextRetryMs) retryVoteRequests(raft, role);
    return;
  }
  const lateness = raft.nowMs - role.electionDeadlineMs;
  if (lateness > raft.config.heartbeatMs && !role.stallForgiven) {
    // We were the ones who stalled. What the leader sent meanwhile still waits to be read: our own pause is no
    // evidence against it.
    role.stallForgiven = true;
    role.electionDeadlineMs = raft.nowMs + raft.config.heartbeatMs;
    return;
  }
  if (lacksSpace(raft)) {
    role.electionDeadlineMs = raft.nowMs + retryMs(raft);
  } else if (raft.pendingVote !== undefined) {
    // This replica's disk is slow. Another campaign would be one more write that waits behind this vote, and would take
    // from its candidate what it waits for.
    role.electionDeadlineMs = raft.nowMs + retryMs(raft);
  } else if (role.type === "candidate" && !role.preVote && waitsOn(raft, role)) {
    retryVoteRequests(raft, role);
  } else {
    campaign(raft);
  }
}

/** Others have committed what this replica has no space for: one of them must lead. */
function lacksSpace({ durability, commitIndex }: RaftState): boolean {
  return durability.isFull && commitIndex > durability.durableIndex;
}

/**
 * §5.2: a candidate that may still win stays in its term, and asks again those that have not answered (§5.1). A new term
 * would make every voter write anew, and if that takes longer than an election timeout nobody would ever be elected.
 *
 * If somebody refused, the missing votes may be those of dead replicas: then it waits once more only, as long as votes
 * have been seen to take.
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
 * §5.1: what was not answered is asked again. A peer that heard the dead leader a little later than this one grants its
 * pre-vote then. A vote may be written for longer than a call waits for its reply, and is granted again when asked again.
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
  invariant(preVote || raft.votedFor === raft.id, "§5.2 a candidate votes for itself before it asks others");
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
 * §5.4.1: a candidate lacks entries that are here, so it can't win, and this replica may. Among many rivals several
 * would campaign at the same time and split the votes; and whoever gave its vote to another waits for that one.
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
  // Stickiness: while a leader is alive nobody is helped to depose it, not even by taking over the term.
  if (request.term < raft.currentTerm || hasLiveLeader(raft)) return reply(false);

  const upToDate = raft.log.isUpToDate({ index: request.lastLogIndex, term: request.lastLogTerm });
  if (request.preVote) {
    if (!upToDate) campaignNow(raft);
    const grants = request.term > raft.currentTerm && upToDate && grantsPreVote(raft, request);
    if (!grants) return reply(false);
    // No term is spoken of before it is durable. The asker's is no lower, so it learns nothing from this one.
    const granted = { type: "requestVote", term: raft.durability.durableTerm, voteGranted: true } as const;
    return raft.outbox.preVote({ type: "reply", callId, reply: granted });
  }

  if (request.term > raft.currentTerm) adoptTerm(raft, request.term);
  const free = raft.votedFor === undefined || raft.votedFor === request.candidateId;
  if (!free || !upToDate) return reply(false);
  if (raft.votedFor === undefined) {
    // The candidate's own vote counts beside this one.
    raft.countedPeers.record(request.candidateId);
    castVote(raft, request.candidateId, { index: request.lastLogIndex, term: request.lastLogTerm });
    // Once for a vote: a candidate that asks again and again, but hears no reply, must not keep others from campaigning.
    const follower = newFollower(raft);
    // A vote that was asked for long ago changes nothing about the leader that is known by now.
    if (raft.role.type === "follower") raft.role.electionDeadlineMs = follower.electionDeadlineMs;
    else raft.role = follower;
  }
  invariant(
    raft.votedFor === request.candidateId && raft.currentTerm === request.term,
    "§5.2 a vote is for the candidate that asked, in the term that it asked for",
  );
  reply(true);
}

function hasLiveLeader(raft: RaftState): boolean {
  const { role, config } = raft;
  if (role.type === "leader") return true;
  return role.type === "follower" && raft.nowMs - role.lastContactMs < config.electionTimeoutMinMs;
}

/** Candidate's side of the reply. */
export function handleRequestVoteReply(
  raft: RaftState,
  { from, request, reply }: PeerReply<RequestVote, RequestVoteReply>,
): void {
  const role = raft.role;
  if (role.type !== "candidate" || role.preVote !== request.preVote) return;
  // A vote counts in the election it was asked for, and in no other.
  if (request.term !== (role.preVote ? raft.currentTerm + 1 : raft.currentTerm)) return;
  if (role.ignoredVoters.has(from)) return;
  if (!reply.voteGranted) {
    if (request.preVote) return;
    // Whoever refuses in an older term hears a leader (thesis §4.2.3), and has decided nothing: it is asked again.
    if (reply.term < request.term) return;
    role.refusedBy.add(from);
    // A campaign that is lost is in nobody's way.
    if (!mayWin(raft, role) && raft.backing !== undefined) raft.backing.untilMs = raft.nowMs;
    return;
  }
  // Told again, because it was asked for again.
  if (role.votes.has(from)) return;
  if (!request.preVote) {
    raft.countedPeers.record(from);
    raft.voteMs = raft.nowMs - role.askedAtMs;
    waitForVotes(raft, role);
  }
  countVote(raft, from);
}

/** A vote counts only once it is durable: the candidate's in its hard state, a peer's once it is noted that it was counted. */
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

/** Asked whenever a vote came in, or a write was completed. */
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
