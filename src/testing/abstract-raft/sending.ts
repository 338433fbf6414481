import type {
  AppendEntries,
  ChunkToSend,
  Outgoing,
  RaftReply,
  RaftRequest,
  ReplicaId,
  RequestVote,
} from "../../raft/index.ts";
import { namesCountedPeers } from "./bootstrap-check.ts";
import { candidacy } from "./elections.ts";
import { replyKey, requestKey } from "./message-keys.ts";
import type { AbstractReplica, Call } from "./replica.ts";

/** What a replica may send and when: never before what the message promises is durable (figure 2). */

export function sendMessage(replica: AbstractReplica, message: Outgoing): void {
  const { id, calls, history } = replica;
  if (message.type === "request") {
    checkRequest(replica, message.request);
    return history.send(requestKey(id, message.to, message.request));
  }
  const call = calls.get(message.callId);
  replica.demand(call !== undefined && call.request.type === message.reply.type, "reply");
  calls.delete(message.callId);
  checkReply(replica, call, message.reply);
  history.send(replyKey(requestKey(call.from, id, call.request), message.reply));
}

export function sendChunk(replica: AbstractReplica, { to, request }: ChunkToSend): void {
  const { id, history, stored } = replica;
  const { term, leaderId, lastIncludedIndex, lastIncludedTerm } = request;
  checkLeads(replica, term, leaderId);
  replica.demand(lastIncludedIndex <= stored.snapshot.index, "leaderSends");
  replica.demand(history.committedTerm(lastIncludedIndex) === lastIncludedTerm, "snapshotCommitted");
  history.send(requestKey(id, to, request));
}

function checkRequest(replica: AbstractReplica, request: RaftRequest): void {
  switch (request.type) {
    case "requestVote":
      return checkCandidacy(replica, request);
    case "appendEntries":
      return checkAppend(replica, request);
    case "bootstrapCheck":
      return replica.demand(
        replica.role === "bootstrapping" && request.replicaId === replica.id,
        "bootstrapping",
      );
    case "installSnapshot":
      return replica.demand(false, "leaderSends");
  }
}

function checkCandidacy(replica: AbstractReplica, request: RequestVote): void {
  const { preVote, term, candidateId, lastLogIndex, lastLogTerm } = request;
  const stood = replica.candidacies.has(candidacy(preVote, term, lastLogIndex, lastLogTerm));
  replica.demand(stood && candidateId === replica.id, "candidacy");
  if (!preVote) replica.demand(voteIsStored(replica, term, candidateId), "durableVote");
}

function voteIsStored({ stored }: AbstractReplica, term: number, candidate: ReplicaId): boolean {
  const { currentTerm, votedFor } = stored.hardState;
  return currentTerm > term || (currentTerm === term && votedFor === candidate);
}

function checkAppend(replica: AbstractReplica, request: AppendEntries): void {
  const { term, leaderId, prevLogIndex, prevLogTerm, entries, leaderCommit, round } = request;
  checkLeads(replica, term, leaderId);
  const isChain =
    entries.every(({ index }, at) => index === prevLogIndex + 1 + at) &&
    replica.history.chain(entries, prevLogTerm);
  replica.demand(isChain && leaderCommit <= replica.commitIndex, "leaderSends");
  // Held messages may be sent after the end of the leadership, when the log is another leader's.
  if (replica.role !== "leader" || term !== replica.currentTerm) return;
  const last = entries.at(-1);
  const isLog = last === undefined || replica.termAt(last.index) === last.term;
  replica.demand(isLog && replica.termAt(prevLogIndex) === prevLogTerm, "leaderSends");
  replica.round = Math.max(replica.round, round);
}

function checkLeads(replica: AbstractReplica, term: number, leaderId: ReplicaId): void {
  replica.demand(leaderId === replica.id && replica.history.leaders.get(term) === leaderId, "leaderSends");
  replica.demand(replica.stored.hardState.currentTerm >= term, "durableTerm");
}

function checkReply(replica: AbstractReplica, call: Call, reply: RaftReply): void {
  const { stored, currentTerm } = replica;
  const { request, refusal, term, promised } = call;
  if (request.type === "requestVote" && !request.preVote && agrees(reply)) {
    replica.demand(refusal === undefined, refusal ?? "reply");
    replica.demand(voteIsStored(replica, request.term, request.candidateId), "durableVote");
  }
  replica.demand(reply.term <= stored.hardState.currentTerm, "durableTerm");
  if (reply.type === "bootstrapCheck") return replica.demand(namesCountedPeers(reply, call), "bootstrapping");
  if (reply.type === "appendEntries" && request.type === "appendEntries") {
    replica.demand(reply.round === request.round, "reply");
  }
  const isPreVote = request.type === "requestVote" && request.preVote;
  if (!agrees(reply)) {
    // A new term withdraws a held acknowledgement, but not a vote. A pre-vote does not bind and may be refused for any
    // reason (thesis §9.6).
    const withdrawn = reply.type !== "requestVote" && reply.term > term;
    return replica.demand(
      (refusal !== undefined || withdrawn || isPreVote) && reply.term >= term && reply.term <= currentTerm,
      "reply",
    );
  }
  replica.demand(refusal === undefined, refusal ?? "reply");
  // A pre-vote waits for no write, and carries the durable term.
  replica.demand(reply.term === (isPreVote ? stored.hardState.currentTerm : term), "reply");
  replica.demand(promised === undefined || stored.holds(promised), "durableAck");
}

function agrees(reply: RaftReply): boolean {
  switch (reply.type) {
    case "requestVote":
      return reply.voteGranted;
    case "appendEntries":
      return reply.success;
    case "installSnapshot":
      return reply.installed;
    case "bootstrapCheck":
      return !reply.countedPeers;
  }
}
