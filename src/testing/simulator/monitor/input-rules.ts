import type { RaftReply, RaftRequest, RaftView, SnapshotMeta } from "../../../raft/index.ts";
import type { Observed } from "./observed.ts";
import { Violation } from "./violation.ts";

/** Rules for the effect of single inputs on a replica. */

/** Records contact with a leader, and requests that should be refused because of it. */
export function noteHearing(replica: Observed, request: RaftRequest, view: RaftView, nowMs: number): void {
  if (request.type === "requestVote") {
    const { term, atMs } = replica.leaderContact;
    const hasLiveLeader = term === replica.view?.currentTerm && nowMs - atMs < replica.electionTimeoutMinMs;
    if (request.preVote && (hasLiveLeader || replica.view?.role === "leader"))
      replica.askedInVain.add(request);
  } else if (request.type !== "bootstrapCheck" && request.term === view.currentTerm) {
    const resigned = request.type === "appendEntries" && request.successor !== undefined;
    replica.leaderContact = { term: request.term, atMs: resigned ? Number.NEGATIVE_INFINITY : nowMs };
  }
}

/** §5.1: a higher term is adopted from replies, too. */
export function checkTermAdopted(
  replica: Observed,
  reply: RaftReply,
  before: RaftView,
  view: RaftView,
): void {
  if (before.role === "bootstrapping" || reply.type === "bootstrapCheck" || view.currentTerm >= reply.term)
    return;
  throw new Violation("rule", `§5.1 ${replica.id} ignores term ${reply.term} in a reply`);
}

/** A reply to a request of another leadership has no effect. */
export function checkSameLeadership(
  replica: Observed,
  request: RaftRequest,
  before: RaftView,
  view: RaftView,
): void {
  if (request.type !== "appendEntries" && request.type !== "installSnapshot") return;
  if (request.term === before.currentTerm || before.role !== "leader" || view.role !== "leader") return;
  for (const [at, peer] of view.peers.entries()) {
    const known = before.peers[at];
    if (peer.matchIndex === known?.matchIndex && peer.lastContactMs === known.lastContactMs) continue;
    throw new Violation("rule", `§5.3 ${replica.id} counts a reply to its earlier term ${request.term}`);
  }
}

/** §5.3: beyond the last new entry a follower's log may differ from its leader's. */
export function checkFollowerCommit(
  replica: Observed,
  request: RaftRequest,
  before: RaftView | undefined,
  view: RaftView,
): void {
  if (request.type !== "appendEntries" || before === undefined) return;
  const lastNew = request.prevLogIndex + request.entries.length;
  if (view.commitIndex > before.commitIndex && view.commitIndex > Math.min(lastNew, request.leaderCommit)) {
    throw new Violation(
      "rule",
      `§5.3 ${replica.id} commits ${view.commitIndex} by a message up to ${lastNew}`,
    );
  }
}

/** Records the progress of an incoming snapshot, and whether the log contains its last entry. */
export function noteChunk(replica: Observed, meta: SnapshotMeta, nextOffset: number, view: RaftView): void {
  replica.nextOffset = nextOffset;
  replica.suffixMatches = view.termAt(meta.lastIncludedIndex) === meta.lastIncludedTerm;
}

/** §7: a suffix that matches the snapshot is kept. */
export function checkSuffixKept(replica: Observed, before: RaftView | undefined, view: RaftView): void {
  if (before === undefined || !replica.suffixMatches || view.lastLogIndex >= before.lastLogIndex) return;
  throw new Violation("rule", `§7 ${replica.id} drops a suffix that matches the snapshot`);
}
