import type { RaftView, ReplicaId, RequestVote, RequestVoteReply } from "../../raft/index.ts";
import { isProvenNew } from "./bootstrap-check.ts";
import type { AbstractReplica } from "./replica.ts";
import type { RuleName } from "./rules.ts";

/** Who may vote, campaign and lead (§5.2, §5.4.1, thesis §4.2.3 and §9.6). */

/** A vote or a pre-vote is requested. Returns why it must be refused. */
export function voteAsked(
  replica: AbstractReplica,
  request: RequestVote,
  view: RaftView,
  nowMs: number,
): RuleName | undefined {
  const refusal = refusalOf(replica, request, nowMs);
  if (!request.preVote && refusal !== "stickiness") replica.adopt(request.term);
  const grants = !request.preVote && refusal === undefined;
  if (grants) {
    replica.votedFor = request.candidateId;
    replica.noted.add(request.candidateId);
  }
  if (view.currentTerm !== replica.currentTerm || view.votedFor !== replica.votedFor) {
    replica.demand(false, refusal ?? (grants ? "oneVote" : "higherTerm"));
  }
  return refusal;
}

function refusalOf(
  replica: AbstractReplica,
  { term, candidateId, lastLogIndex, lastLogTerm, preVote }: RequestVote,
  nowMs: number,
): RuleName | undefined {
  const { currentTerm, votedFor, log } = replica;
  if (term < currentTerm || (preVote && term === currentTerm)) return "staleTerm";
  if (replica.hasLiveLeader(nowMs)) return "stickiness";
  if (!preVote && term === currentTerm && votedFor !== undefined && votedFor !== candidateId)
    return "oneVote";
  const isBehind = lastLogTerm === log.lastTerm ? lastLogIndex < log.lastIndex : lastLogTerm < log.lastTerm;
  return isBehind ? "upToDate" : undefined;
}

export function voteAnswered(
  replica: AbstractReplica,
  from: ReplicaId,
  request: RequestVote,
  reply: RequestVoteReply,
): void {
  const { role, currentTerm, votes } = replica;
  const asks = request.preVote
    ? role === "preCandidate" && request.term === currentTerm + 1
    : role === "candidate" && request.term === currentTerm;
  if (!asks || !reply.voteGranted) return;
  votes.add(from);
  if (!request.preVote) replica.noted.add(from);
}

/** The timer fired: a candidate, or a follower without a recent contact with a leader, may request pre-votes. */
export function timedOut(replica: AbstractReplica, view: RaftView, nowMs: number): void {
  if (replica.role === "leader") {
    if (view.role === "follower") replica.becomeFollower();
    return;
  }
  const idle = view.role === replica.role && view.currentTerm === replica.currentTerm;
  if (replica.role === "bootstrapping" || view.role === "follower" || (idle && view.role === "candidate"))
    return;
  replica.demand(!replica.hasLiveLeader(nowMs), "campaign");
  // A pre-candidate that asks again in the same term may count answers to its first requests, because pre-votes do not
  // bind.
  if (replica.role !== "preCandidate") replica.votes.clear();
  replica.role = "preCandidate";
  replica.leader = undefined;
  replica.candidacies.add(candidacy(true, replica.currentTerm + 1, view.lastLogIndex, view.lastLogTerm));
}

/** Takes the role changes that the view shows. */
export function changeRole(replica: AbstractReplica, view: RaftView): void {
  if (replica.role === "bootstrapping" && view.role !== "bootstrapping") {
    replica.demand(isProvenNew(replica), "bootstrapping");
    replica.becomeFollower();
  }
  // It backs another candidate, or gave it its vote.
  if (replica.role === "preCandidate" && view.role === "follower") replica.becomeFollower();
  if (replica.role === "preCandidate" && view.currentTerm > replica.currentTerm) startElection(replica);
  if (replica.role === "candidate" && view.role === "leader") lead(replica, view);
}

function startElection(replica: AbstractReplica): void {
  const { votes, id, log } = replica;
  replica.demand(
    replica.isQuorum((voter) => voter === id || votes.has(voter)),
    "preVoteQuorum",
  );
  replica.role = "candidate";
  replica.currentTerm++;
  replica.votedFor = id;
  votes.clear();
  replica.candidacies.add(candidacy(false, replica.currentTerm, log.lastIndex, log.lastTerm));
}

function lead(replica: AbstractReplica, view: RaftView): void {
  const { id, votes, currentTerm, stored, history } = replica;
  const { hardState } = stored;
  const ownVote = hardState.currentTerm === currentTerm && hardState.votedFor === id;
  const counts = (voter: ReplicaId) =>
    voter === id ? ownVote : votes.has(voter) && replica.hasCounted(voter);
  replica.demand(replica.isQuorum(counts), "voteQuorum");
  replica.demand(!history.leaders.has(currentTerm), "oneLeader");
  // A late vote may still make a leader of an earlier term. Its log need not contain what later terms committed.
  const committed = history.committedBefore(currentTerm);
  replica.demand(replica.termAt(committed) === history.committedTerm(committed), "leaderCompleteness");
  history.leaders.set(currentTerm, id);
  replica.role = "leader";
  replica.leader = id;
  replica.matchIndex.clear();
  replica.answeredRound.clear();
  replica.round = 0;
  appendFirstEntry(replica, view);
}

/** §8: a no-op. §6: the first leader of a cluster writes its first configuration. */
function appendFirstEntry(replica: AbstractReplica, view: RaftView): void {
  const { log, currentTerm, history } = replica;
  const index = log.lastIndex + 1;
  const [first] = view.lastLogIndex === index ? view.entries(index, index) : [];
  const isDue =
    index === 1 ? first?.type === "configuration" : first?.type === "noop" && first.data.length === 0;
  replica.demand(isDue && first?.term === currentTerm, "leaderNoop");
  history.made(first, log.lastTerm);
  log.append(currentTerm);
}

/** A candidacy as text: the content of one campaign's requests. */
export function candidacy(preVote: boolean, term: number, lastLogIndex: number, lastLogTerm: number): string {
  return `${preVote ? "pre-vote" : "vote"} ${term} ${lastLogIndex}@${lastLogTerm}`;
}
