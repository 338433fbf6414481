import type {
  AppendEntries,
  InstallSnapshot,
  LogPosition,
  RaftReply,
  RaftRequest,
  RaftView,
  ReplicaId,
  SnapshotMeta,
} from "../../raft/index.ts";
import type { AbstractReplica } from "./replica.ts";
import type { RuleName } from "./rules.ts";

/** How entries and snapshots get into a log, and what a leader concludes (§5.3, §5.4.2, §7). */

/** A message from a leader. Returns why it must be refused. */
export function leaderContacted(
  replica: AbstractReplica,
  request: AppendEntries | InstallSnapshot,
  nowMs: number,
): RuleName | undefined {
  const { term, leaderId } = request;
  if (term < replica.currentTerm) return "staleTerm";
  replica.adopt(term);
  replica.demand(replica.history.leaders.get(term) === leaderId && replica.role !== "leader", "oneLeader");
  replica.role = "follower";
  replica.leader = leaderId;
  replica.lastContactMs = nowMs;
  // Thesis §3.10: a leader that resigned is no longer protected.
  if (request.type === "appendEntries" && request.successor !== undefined) replica.becomeFollower();
  return undefined;
}

/** Receiver's side of AppendEntries (figure 2). Returns why it must be refused. */
export function entriesArrived(
  replica: AbstractReplica,
  { leaderId, prevLogIndex, prevLogTerm, entries, leaderCommit }: AppendEntries,
  view: RaftView,
): RuleName | undefined {
  const { log, snapshot } = replica;
  if (prevLogIndex > snapshot.index && log.termAt(prevLogIndex) !== prevLogTerm) {
    const untouched = view.lastLogIndex === log.lastIndex && view.lastLogTerm === log.lastTerm;
    replica.demand(untouched && view.commitIndex === replica.commitIndex, "prevMatches");
    return "prevMatches";
  }
  replica.demand(replica.history.chain(entries, undefined), "logMatching");
  replica.noted.add(leaderId);
  store(replica, entries, view);
  const commitIndex = Math.max(replica.commitIndex, Math.min(leaderCommit, prevLogIndex + entries.length));
  replica.demand(view.commitIndex === commitIndex, "followerCommit");
  replica.commit(commitIndex);
  return undefined;
}

function store(replica: AbstractReplica, entries: AppendEntries["entries"], view: RaftView): void {
  const { log, snapshot } = replica;
  const differs = ({ index, term }: LogPosition) => index > snapshot.index && log.termAt(index) !== term;
  const first = entries.findIndex(differs);
  const added = first < 0 ? [] : entries.slice(first);
  const at = added[0]?.index ?? log.lastIndex + 1;
  const conflicts = at <= log.lastIndex;
  if (conflicts) {
    log.cutAfter(at - 1);
    replica.durableIndex = Math.min(replica.durableIndex, at - 1);
  }
  for (const { term } of added) log.append(term);
  if (view.lastLogIndex > log.lastIndex) replica.demand(!conflicts, "staleTail");
  if (view.lastLogIndex < log.lastIndex) replica.demand(added.length > 0, "conflictOnly");
  const stored = added.length === 0 ? [] : view.entries(at, log.lastIndex);
  replica.demand(
    view.lastLogIndex === log.lastIndex &&
      stored.length === added.length &&
      replica.history.chain(stored, view.termAt(at - 1)) &&
      stored.every(({ term }, i) => term === added[i]?.term),
    "entriesStored",
  );
}

/** §7: a received snapshot is durable and replaces what it covers. */
export function snapshotInstalled(replica: AbstractReplica, meta: SnapshotMeta, view: RaftView): void {
  const { installing, log, history, stored, lastApplied } = replica;
  const { lastIncludedIndex: index, lastIncludedTerm: term } = meta;
  replica.demand(
    installing?.lastIncludedIndex === index && installing.lastIncludedTerm === term && index >= lastApplied,
    "snapshotReplaces",
  );
  replica.demand(history.committedTerm(index) === term, "snapshotCommitted");
  const kept = log.termAt(index) === term;
  log.replaceBy({ index, term });
  stored.snapshotStored({ index, term }, replica.writing);
  replica.demand(view.lastLogIndex === log.lastIndex, kept ? "suffixKept" : "snapshotReplaces");
  replica.installing = undefined;
  replica.snapshot = { index, term };
  replica.commitIndex = Math.max(replica.commitIndex, index);
  replica.lastApplied = index;
  replica.durableIndex = Math.max(index, kept ? replica.durableIndex : 0);
}

/** §7: a snapshot of this replica's state is durable. */
export function snapshotSaved(replica: AbstractReplica, meta: SnapshotMeta): void {
  const { lastIncludedIndex: index, lastIncludedTerm: term } = meta;
  if (index <= replica.snapshot.index) return;
  replica.demand(index <= replica.lastApplied && replica.log.termAt(index) === term, "snapshotApplied");
  replica.snapshot = { index, term };
  replica.log.replaceBy(replica.snapshot);
  replica.stored.snapshotStored(replica.snapshot, replica.writing);
}

/** Leader's side: what a reply to this leader in this term says about the peer. */
export function leaderAnswered(
  replica: AbstractReplica,
  from: ReplicaId,
  { request, reply }: { readonly request: RaftRequest; readonly reply: RaftReply },
  isIgnored: boolean,
): void {
  const { role, currentTerm, matchIndex, answeredRound } = replica;
  if (role !== "leader" || request.term !== currentTerm || reply.term !== currentTerm) return;
  let holds = 0;
  if (request.type === "appendEntries" && reply.type === "appendEntries") {
    answeredRound.set(from, Math.max(answeredRound.get(from) ?? 0, reply.round));
    if (reply.success) holds = request.prevLogIndex + request.entries.length;
  } else if (request.type === "installSnapshot" && reply.type === "installSnapshot" && reply.installed) {
    holds = request.lastIncludedIndex;
  }
  if (holds === 0 || isIgnored) return;
  replica.noted.add(from);
  matchIndex.set(from, Math.max(matchIndex.get(from) ?? 0, holds));
}

/** §5.3, §5.4.2: the commit index in the leader's view. */
export function leaderCommits(replica: AbstractReplica, to: number): void {
  const { id, role, commitIndex, currentTerm, log, matchIndex, durableIndex } = replica;
  if (role !== "leader" || to <= commitIndex) return;
  replica.demand(log.termAt(to) === currentTerm, "ownTermCommit");
  const holds = (voter: ReplicaId) =>
    voter === id ? durableIndex >= to : (matchIndex.get(voter) ?? 0) >= to && replica.hasCounted(voter);
  replica.demand(replica.isQuorum(holds), "commitQuorum");
  replica.commit(to);
}
