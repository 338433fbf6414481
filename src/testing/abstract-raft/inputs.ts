import type { TracedInput } from "../../ports/index.ts";
import type { Input, LogPosition, RaftView, SnapshotMeta, WriteBatch } from "../../raft/index.ts";
import { bootstrapCheckAnswered, bootstrapCheckAsked } from "./bootstrap-check.ts";
import { changeRole, timedOut, voteAnswered, voteAsked } from "./elections.ts";
import { replyKey, requestKey } from "./message-keys.ts";
import type { AbstractReplica } from "./replica.ts";
import {
  entriesArrived,
  leaderAnswered,
  leaderCommits,
  leaderContacted,
  snapshotInstalled,
  snapshotSaved,
} from "./replication.ts";
import type { RuleName } from "./rules.ts";

type Request = Extract<Input, { type: "request" }>;
type Reply = Extract<Input, { type: "reply" }>;
type Proposal = Extract<TracedInput, { type: "propose" }>;

/** Takes the abstract step for a replica's input. `view` is the real state afterwards. */
export function stepped(replica: AbstractReplica, input: TracedInput, view: RaftView, nowMs: number): void {
  takeIn(replica, input, view, nowMs);
  changeRole(replica, view);
  leaderCommits(replica, view.commitIndex);
  replica.agree(view);
}

function takeIn(replica: AbstractReplica, input: TracedInput, view: RaftView, nowMs: number): void {
  switch (input.type) {
    case "request":
      return requested(replica, input, view, nowMs);
    case "reply":
      return replied(replica, input, view);
    case "persisted":
      return persisted(replica, input.batch);
    case "writeRefused":
      replica.demand(input.batch === replica.writing, "oneWrite");
      replica.writing = undefined;
      return;
    case "snapshotSaved":
      return snapshotSaved(replica, input.meta);
    case "snapshotInstalled":
      snapshotInstalled(replica, input.meta, view);
      return installedFor(replica, input.callId, input.meta);
    case "read":
      return readAsked(replica, input.readId);
    case "timer":
      return timedOut(replica, view, nowMs);
    case "resign":
      if (replica.role !== "bootstrapping" && replica.role !== "follower") replica.becomeFollower();
      return;
    case "propose":
      return proposed(replica, input, view);
    case "failed":
    case "retryWrite":
    case "chunkStored":
    case "applied":
      return;
    case "chunkRefused":
      replica.installing = undefined;
      return;
  }
}

function requested(replica: AbstractReplica, input: Request, view: RaftView, nowMs: number): void {
  const { callId, from, request } = input;
  const { id, role, history } = replica;
  replica.demand(history.sending(requestKey(from, id, request)) > 0, "sent");
  if (request.type === "bootstrapCheck") {
    replica.calls.set(callId, bootstrapCheckAsked(replica, from, request, view));
    return;
  }
  if (role === "bootstrapping") return;
  const answers = (refusal: RuleName | undefined, promised?: LogPosition) =>
    replica.calls.set(callId, { from, request, refusal, promised, term: replica.currentTerm });
  switch (request.type) {
    case "requestVote":
      answers(voteAsked(replica, request, view, nowMs));
      return;
    case "appendEntries": {
      const { prevLogIndex, prevLogTerm, entries } = request;
      const refusal = leaderContacted(replica, request, nowMs) ?? entriesArrived(replica, request, view);
      const term = entries.at(-1)?.term ?? prevLogTerm;
      answers(refusal, { index: prevLogIndex + entries.length, term });
      return;
    }
    case "installSnapshot": {
      const { leaderId, lastIncludedIndex: index, lastIncludedTerm: term } = request;
      const refusal = leaderContacted(replica, request, nowMs);
      if (refusal === undefined) replica.noted.add(leaderId);
      // The reply said `installed` while the installation was still running: too early.
      answers(refusal ?? (index > replica.commitIndex ? "durableAck" : undefined), { index, term });
    }
  }
}

function replied(replica: AbstractReplica, { from, request, reply }: Reply, view: RaftView): void {
  const { id, role, history, ignoredVoters } = replica;
  const asked = requestKey(id, from, request);
  replica.demand(history.sending(replyKey(asked, reply)) > 0, "sent");
  if (request.type === "bootstrapCheck" && reply.type === "bootstrapCheck") {
    if (role === "bootstrapping") bootstrapCheckAnswered(replica, from, request, reply);
    return;
  }
  replica.adopt(reply.term);
  const isIgnored = history.sending(asked) <= (ignoredVoters.get(from) ?? 0);
  if (request.type !== "requestVote") leaderAnswered(replica, from, { request, reply }, isIgnored);
  else if (reply.type === "requestVote" && !isIgnored) voteAnswered(replica, from, request, reply);
  // With volatile storage, a leader whose peer lost acknowledged entries steps down (`volatileStorage`).
  if (replica.role === "leader" && view.role === "follower") replica.becomeFollower();
}

function persisted(replica: AbstractReplica, batch: WriteBatch): void {
  const { stored, log } = replica;
  replica.demand(batch === replica.writing, "oneWrite");
  replica.writing = undefined;
  stored.write(batch);
  const last = batch.entries.at(-1);
  // An entry may have been replaced in memory while it was being written.
  if (last !== undefined && log.termAt(last.index) === last.term) {
    replica.durableIndex = Math.max(replica.durableIndex, last.index);
  }
}

function installedFor(replica: AbstractReplica, callId: number, meta: SnapshotMeta): void {
  const { calls, currentTerm: term } = replica;
  const call = calls.get(callId);
  const promised = { index: meta.lastIncludedIndex, term: meta.lastIncludedTerm };
  if (call !== undefined) calls.set(callId, { ...call, refusal: undefined, promised, term });
}

function readAsked(replica: AbstractReplica, readId: number): void {
  const { role, currentTerm, round, history } = replica;
  const ledTerm = role === "leader" ? currentTerm : undefined;
  replica.reads.set(readId, { ledTerm, round, committedIndex: history.committedIndex });
}

function proposed(replica: AbstractReplica, { data, proposed }: Proposal, view: RaftView): void {
  const { role, log, currentTerm, history } = replica;
  replica.demand((role === "leader") === (proposed.type !== "notLeader"), "proposal");
  if (proposed.type !== "accepted") return;
  const index = log.lastIndex + 1;
  const [entry] = view.lastLogIndex === index ? view.entries(index, index) : [];
  const isAppended = entry?.type === "command" && entry.term === currentTerm && entry.data === data;
  replica.demand(isAppended && proposed.index === index && proposed.term === currentTerm, "proposal");
  history.made(entry, log.lastTerm);
  log.append(currentTerm);
}
