import type { RaftReply, RaftRequest } from "../../raft/index.ts";
import type { Disk } from "./disk.ts";
import { demand } from "./violation.ts";

/** Persist before send (figure 2): what a message promises is durable when it is sent. */

export function checkRequest({ hardState }: Disk, request: RaftRequest): void {
  demand(request.term <= hardState.currentTerm, "a term is durable before a message contains it (figure 2)");
  if (request.type !== "requestVote" || request.term < hardState.currentTerm) return;
  demand(
    hardState.votedFor === request.candidateId,
    "a candidate's own vote is durable when it asks (figure 2)",
  );
}

export function checkReply(disk: Disk, request: RaftRequest, reply: RaftReply): void {
  const { hardState } = disk;
  demand(reply.term <= hardState.currentTerm, "a term is durable before a message contains it (figure 2)");
  if (request.type === "requestVote" && reply.type === "requestVote" && reply.voteGranted) {
    const isKept = hardState.currentTerm > request.term || hardState.votedFor === request.candidateId;
    demand(isKept, "a vote is durable when it is sent (figure 2)");
  }
  if (request.type === "appendEntries" && reply.type === "appendEntries" && reply.success) {
    const { prevLogIndex, prevLogTerm, entries } = request;
    const agrees = disk.termAt(prevLogIndex) === prevLogTerm;
    const isKept = agrees && entries.every(({ index, term }) => disk.termAt(index) === term);
    demand(isKept, "entries are durable when they are acknowledged (figure 2)");
  }
}
