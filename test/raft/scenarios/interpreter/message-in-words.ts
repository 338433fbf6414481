import type {
  AppendEntriesReply,
  LogPosition,
  RaftReply,
  RaftRequest,
  RaftView,
  ReplicaId,
  RequestVote,
} from "../../../../src/raft/index.ts";

/** The text of messages in a transcript. Each begins with its term. */

export function positionInWords({ index, term }: LogPosition): string {
  return index === 0 ? "the start" : `${index}@${term}`;
}

/** Shows only the ends of a long sequence. */
export function positionsInWords(positions: readonly LogPosition[]): string {
  const words = positions.map(positionInWords);
  return words.length <= 7 ? words.join(" ") : `${words[0]} … ${words.at(-1)}`;
}

export function requestInWords(request: RaftRequest): string {
  return `term ${request.term}, ${bodyInWords(request)}`;
}

function bodyInWords(request: RaftRequest): string {
  switch (request.type) {
    case "requestVote": {
      const last = positionInWords({ index: request.lastLogIndex, term: request.lastLogTerm });
      return `${ballot(request)}? my log ends at ${last}`;
    }
    case "appendEntries": {
      const prev = positionInWords({ index: request.prevLogIndex, term: request.prevLogTerm });
      const what =
        request.entries.length === 0
          ? `heartbeat at ${prev}`
          : `append ${positionsInWords(request.entries)} after ${prev}`;
      return `${what}, commit ${request.leaderCommit}${roundInWords(request.round)}${successionInWords(request.successor)}${request.mustHold ? "; you acknowledged this" : ""}`;
    }
    case "installSnapshot": {
      const { lastIncludedIndex: index, lastIncludedTerm: term, offset, data, done } = request;
      const end = offset + data.length;
      return `snapshot ${positionInWords({ index, term })}, bytes ${offset} to ${end}${done ? ", the last" : ""}`;
    }
    case "bootstrapCheck":
      return "which peers have you counted?";
  }
}

/** @param refusal the probable reason of a refused vote */
export function replyInWords(request: RaftRequest, reply: RaftReply, refusal: string): string {
  return `term ${reply.term}, ${replyBodyInWords(request, reply, refusal)}`;
}

function replyBodyInWords(request: RaftRequest, reply: RaftReply, refusal: string): string {
  switch (reply.type) {
    case "requestVote": {
      const requested = request.type === "requestVote" ? ballot(request) : "vote";
      return reply.voteGranted ? `${requested} granted` : `${requested} refused: ${refusal}`;
    }
    case "appendEntries":
      return appendReplyInWords(request, reply);
    case "installSnapshot":
      if (reply.installed) return "installed";
      return reply.term > request.term ? "refused: that term has passed" : `wants byte ${reply.nextOffset}`;
    case "bootstrapCheck":
      if (reply.countedPeers === undefined) return "I am bootstrapping too";
      return reply.countedPeers.length > 0
        ? `counted ${reply.countedPeers.join(" and ")}`
        : "counted none yet";
  }
}

function appendReplyInWords(request: RaftRequest, reply: AppendEntriesReply): string {
  if (!reply.success) {
    const why =
      reply.conflict === undefined
        ? "that term has passed"
        : `my log may agree at ${positionInWords(reply.conflict)}`;
    return `refused: ${why}${roundInWords(reply.round)}`;
  }
  if (request.type !== "appendEntries" || request.entries.length === 0) {
    return `accepted${roundInWords(reply.round)}`;
  }
  return `stored up to ${request.prevLogIndex + request.entries.length}`;
}

function successionInWords(successor: ReplicaId | undefined): string {
  return successor === undefined ? "" : `; I resign, ${successor} is next`;
}

function roundInWords(round: number): string {
  return round === 0 ? "" : `, round ${round}`;
}

function ballot({ preVote }: RequestVote): string {
  return preVote ? "pre-vote" : "vote";
}

/**
 * Why a replica refuses a vote: the first rule that forbids it.
 *
 * @param liveLeader the leader that was in contact within the shortest election timeout
 */
export function refusalInWords(
  voter: RaftView,
  request: RequestVote,
  liveLeader: ReplicaId | undefined,
): string {
  if (request.term < voter.currentTerm) return "that term has passed";
  if (voter.role === "leader") return "I lead";
  if (liveLeader !== undefined) return `I have a leader, ${liveLeader}`;
  if (request.term === voter.currentTerm) {
    if (request.preVote) return "that term has begun";
    if (voter.votedFor !== undefined && voter.votedFor !== request.candidateId) {
      return `I voted for ${voter.votedFor}`;
    }
  }
  const { lastLogIndex: index, lastLogTerm: term } = voter;
  const isUpToDate =
    request.lastLogTerm > term || (request.lastLogTerm === term && request.lastLogIndex >= index);
  return isUpToDate ? "I support another campaign" : `my log ends at ${positionInWords({ index, term })}`;
}
