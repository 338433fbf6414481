import type { RaftReply, ReplicaId, SentRequest } from "../../raft/index.ts";

/**
 * Returns a text that distinguishes a request from all others. The last entry's term stands for all its entries (§5.3).
 */
export function requestKey(from: ReplicaId, to: ReplicaId, request: SentRequest): string {
  const { term } = request;
  switch (request.type) {
    case "requestVote": {
      const { candidateId, lastLogIndex, lastLogTerm, preVote } = request;
      return `${preVote ? "pre-vote" : "vote"} ${from} ${to} ${term} ${candidateId} ${lastLogIndex} ${lastLogTerm}`;
    }
    case "appendEntries": {
      const { leaderId, prevLogIndex, prevLogTerm, entries, leaderCommit, round, successor, mustHold } =
        request;
      const carried = `${entries.length} ${entries.at(-1)?.term}`;
      return `append ${from} ${to} ${term} ${leaderId} ${prevLogIndex} ${prevLogTerm} ${carried} ${leaderCommit} ${round} ${successor} ${mustHold}`;
    }
    case "installSnapshot": {
      const { leaderId, lastIncludedIndex, lastIncludedTerm, offset } = request;
      return `snapshot ${from} ${to} ${term} ${leaderId} ${lastIncludedIndex} ${lastIncludedTerm} ${offset}`;
    }
    case "bootstrapCheck":
      return `bootstrap check ${from} ${to} ${term} ${request.replicaId} ${request.round}`;
  }
}

/** Returns a text that distinguishes a reply, including that of its request. */
export function replyKey(request: string, reply: RaftReply): string {
  switch (reply.type) {
    case "requestVote":
      return `${request} > ${reply.term} ${reply.voteGranted}`;
    case "appendEntries":
      return `${request} > ${reply.term} ${reply.success} ${reply.round}`;
    case "installSnapshot":
      return `${request} > ${reply.term} ${reply.installed} ${reply.nextOffset}`;
    case "bootstrapCheck":
      return `${request} > ${reply.term} ${reply.countedPeers}`;
  }
}
