import type { RaftReply, RaftRequest, RaftView, Ready } from "../../../raft/index.ts";
import type { Cluster, Observed, Step } from "../monitor/index.ts";
import type { Mark } from "./marks.ts";

type Hit = (mark: Mark) => void;

/** A step of a replica that had started before. */
interface LaterStep extends Step {
  readonly before: RaftView;
}

/** Marks the situations that a step shows. */
export function markStep(hit: Hit, cluster: Cluster, replica: Observed, step: LaterStep): void {
  const { input, before, view } = step;
  switch (input.type) {
    case "request":
      return markRequest(hit, replica, input.request, step);
    case "reply":
      if (before.role === "bootstrapping" && view.role === "follower")
        hit("a bootstrapping replica proven new");
      return markReply(hit, input.request, input.reply, before);
    case "failed": {
      const { request, to } = input;
      if (request.type !== "requestVote" || request.preVote) return;
      if (cluster.ledger.voteOf(to, request.term) !== request.candidateId) return;
      return hit("a vote that is durable while its reply is lost");
    }
    case "persisted": {
      const last = input.batch.entries.at(-1);
      const term = last && view.termAt(last.index);
      if (term !== undefined && term !== last?.term) hit("the completion of a replaced entry's write");
      return;
    }
    case "writeRefused":
      return hit("a full disk");
    case "timer":
      return markTimer(hit, replica, step);
    case "propose":
      if (input.proposed.type === "overloaded") hit("a proposal refused as too much");
      return;
    case "read":
      if (view.leadershipIndex !== undefined && view.commitIndex < view.leadershipIndex) {
        hit("a read that waits for a commit of the leader's own term");
      }
      return;
    case "snapshotInstalled": {
      if (before.lastLogIndex <= input.meta.lastIncludedIndex) return;
      return hit(
        replica.suffixMatches ? "a snapshot that keeps a matching suffix" : "a snapshot over a divergent log",
      );
    }
  }
}

/** Marks the situations that a take shows. */
export function markTake(hit: Hit, ready: Ready, view: RaftView): void {
  if (ready.more) hit("entries applied over several turns");
  if (ready.reads.some(({ readIndex }) => readIndex === undefined) && view.role !== "leader") {
    hit("a read dropped when its leader steps down");
  }
  for (const message of ready.send) {
    if (message.type === "request") markWindow(hit, message, view);
    if (message.type !== "reply" || message.reply.type !== "appendEntries" || message.reply.success) continue;
    if (message.reply.conflict !== undefined) hit("a conflict answered with a hint");
  }
}

/** Marks why entries left before those in flight to the same peer were answered. */
function markWindow(
  hit: Hit,
  { to, request }: Extract<Ready["send"][number], { type: "request" }>,
  { lastLogIndex, peers }: RaftView,
): void {
  const peer = peers.find(({ id }) => id === to);
  if (request.type !== "appendEntries" || request.entries.length === 0 || peer?.mode !== "replicate") return;
  const inFlight = request.prevLogIndex - peer.matchIndex;
  if (inFlight <= 0) return;
  hit(
    lastLogIndex - request.prevLogIndex >= inFlight
      ? "as many entries as are in flight to a peer sent behind them"
      : "a few entries sent behind others in flight, because their reply takes long",
  );
}

/** Marks the possible results of any step and any take: an election that was won, a commit. */
export function markLeader(hit: Hit, before: RaftView, view: RaftView): void {
  if (view.role !== "leader") return;
  if (before.role !== "leader" && (view.leadershipIndex ?? 0) - 1 > view.commitIndex) {
    hit("a leader elected with an uncommitted tail");
  }
  if (view.commitIndex === before.commitIndex) return;
  const oldest = view.termAt(before.commitIndex + 1);
  if (oldest !== undefined && oldest < view.currentTerm) {
    hit("older terms' entries committed through one of the leader's own term");
  }
  if (view.commitIndex > view.durableIndex) hit("a commit by a majority without the leader's own disk");
}

function markRequest(hit: Hit, replica: Observed, request: RaftRequest, { before, view }: LaterStep): void {
  switch (request.type) {
    case "appendEntries": {
      if (request.term < view.currentTerm) return hit("an AppendEntries of an older term refused");
      if (request.successor === view.id) hit("a resignation received by the successor that it names");
      const last = request.entries.at(-1)?.index ?? 0;
      if (view.durableIndex < before.durableIndex) hit("durable entries replaced by a new leader's");
      else if (last > 0 && last < view.lastLogIndex && view.lastLogIndex === before.lastLogIndex) {
        hit("an overtaken AppendEntries that leaves a longer log alone");
      }
      return;
    }
    case "requestVote":
      if (replica.askedInVain.has(request)) hit("a pre-vote refused because of contact with a leader");
      if (!request.preVote && request.term === view.currentTerm && view.votedFor !== request.candidateId) {
        hit("a vote refused to a candidate");
      }
      return;
    case "installSnapshot":
      if (request.offset > 0) hit("a snapshot sent in several chunks");
      if (request.offset > 0 && replica.nextOffset !== request.offset) {
        hit("a snapshot's chunk out of its turn");
      }
  }
}

function markReply(hit: Hit, request: RaftRequest, reply: RaftReply, before: RaftView): void {
  if (reply.type !== "bootstrapCheck" && reply.term > before.currentTerm)
    hit("a higher term learnt from a reply");
  if (request.type === "requestVote") {
    if (!request.preVote && request.term < before.currentTerm) hit("a late vote of an earlier election");
  } else if (before.role === "leader" && request.term < before.currentTerm) {
    hit("a late reply to an earlier leadership");
  }
}

function markTimer(hit: Hit, replica: Observed, { before, view, nowMs }: LaterStep): void {
  if (before.role === "candidate" && view.role === "preCandidate") {
    hit("an election that brings no decision, repeated");
  }
  if (before.role !== "leader" || view.role === "leader") return;
  const near = before.peers.filter(
    ({ lastContactMs }) => nowMs - lastContactMs < replica.electionTimeoutMinMs,
  );
  const hasQuorum = 2 * (near.length + 1) > before.peers.length + 1;
  hit(
    hasQuorum
      ? "a leader whose disk hangs steps down"
      : "a leader without contact with a majority steps down",
  );
}
