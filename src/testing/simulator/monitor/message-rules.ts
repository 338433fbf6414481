import type { AppendEntries, EntryType, RaftReply, RaftRequest, Ready } from "../../../raft/index.ts";
import { hashOfBytes } from "../world/index.ts";
import type { Cluster } from "./cluster.ts";
import type { Observed } from "./observed.ts";
import { Violation } from "./violation.ts";

/** P6: no message is sent before the durable image covers its promises. Checked just before the replica sends. */
export function checkMessages(cluster: Cluster, sender: Observed, ready: Ready): void {
  for (const message of ready.send) {
    if (message.type === "request") checkRequest(cluster, sender, message.request);
    else checkReply(sender, takeRequest(sender, message.callId), message.reply);
  }
  for (const { request } of ready.sendChunks) speaksOf(sender, request);
  for (const callId of ready.unanswered) sender.unanswered.delete(callId);
}

function takeRequest({ id, unanswered }: Observed, callId: number): RaftRequest {
  const request = unanswered.get(callId);
  if (request === undefined) throw new Violation("rule", `${id} answers a call that nobody made, or twice`);
  unanswered.delete(callId);
  return request;
}

function checkRequest(cluster: Cluster, sender: Observed, request: RaftRequest): void {
  switch (request.type) {
    case "requestVote":
      if (!request.preVote) speaksOf(sender, request);
      return;
    case "appendEntries":
      speaksOf(sender, request);
      return checkEntries(cluster, sender, request);
    case "installSnapshot":
      return speaksOf(sender, request);
  }
}

function checkReply(sender: Observed, request: RaftRequest, reply: RaftReply): void {
  if (reply.type !== request.type) {
    throw new Violation("rule", `${sender.id} answers a ${request.type} with a ${reply.type}`);
  }
  if (reply.type !== "bootstrapCheck") speaksOf(sender, reply);
  switch (reply.type) {
    case "requestVote":
      return checkVote(sender, request, reply.voteGranted);
    case "appendEntries":
      if (reply.success && request.type === "appendEntries") checkAcknowledgement(sender, request);
      return;
    case "installSnapshot":
      if (reply.installed && request.type === "installSnapshot") {
        const { lastIncludedIndex: index, lastIncludedTerm: term } = request;
        if (!sender.image.holds(index, term)) {
          throw new Violation("P6", `§7 ${sender.id} confirms a snapshot up to ${index} that is not durable`);
        }
      }
  }
}

/** Checks that a message's term is durable before it is sent. */
function speaksOf(sender: Observed, message: { readonly type: string; readonly term: number }): void {
  if (sender.image.hardState.term < message.term) {
    throw new Violation("P6", `§5.1 ${sender.id} speaks of term ${message.term} before it is durable`);
  }
}

function checkVote(sender: Observed, request: RaftRequest, granted: boolean): void {
  if (!granted || request.type !== "requestVote") return;
  if (request.preVote) {
    if (!sender.askedInVain.has(request)) return;
    throw new Violation(
      "rule",
      `thesis §9.6 ${sender.id} helps to depose a leader with which it has contact`,
    );
  }
  const { term, votedFor } = sender.image.hardState;
  if (term === request.term && votedFor !== request.candidateId) {
    throw new Violation("P6", `§5.2 ${sender.id} sends a vote of term ${term} before it is durable`);
  }
}

function checkAcknowledgement(sender: Observed, { prevLogIndex, prevLogTerm, entries }: AppendEntries): void {
  const last = entries.at(-1) ?? { index: prevLogIndex, term: prevLogTerm };
  if (!sender.image.holds(last.index, last.term)) {
    throw new Violation(
      "P6",
      `§5.3 ${sender.id} acknowledges ${last.index}@${last.term} before it is durable`,
    );
  }
}

/** P2, for entries that may never become durable at their leader. */
function checkEntries(cluster: Cluster, sender: Observed, { prevLogTerm, entries }: AppendEntries): void {
  let prevTerm = prevLogTerm;
  for (const { index, term, type, data } of entries) {
    cluster.ledger.links(
      `a message of ${sender.id}`,
      index,
      { term, hash: hashOfEntry(type, data) },
      prevTerm,
    );
    prevTerm = term;
  }
}

/** The types of entries in the file persister's format. */
const typeCodes = { noop: 0, command: 1, configuration: 2 } as const satisfies Record<EntryType, number>;

/** Hashes an entry as the stored records are hashed. */
export function hashOfEntry(type: EntryType, data: Uint8Array): number {
  return hashOfBytes(data, typeCodes[type]);
}
