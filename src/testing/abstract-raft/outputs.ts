import type { LogEntry, RaftView, ReadOutcome, Ready, WriteBatch } from "../../raft/index.ts";
import type { AbstractReplica } from "./replica.ts";
import { leaderCommits } from "./replication.ts";
import { sendChunk, sendMessage } from "./sending.ts";

/** A replica's outputs: it commits, replies, sends, writes and applies. */
export function took(replica: AbstractReplica, ready: Ready, view: RaftView): void {
  leaderCommits(replica, view.commitIndex);
  for (const read of ready.reads) readAnswered(replica, read);
  for (const entry of ready.apply) apply(replica, entry);
  for (const message of ready.send) sendMessage(replica, message);
  for (const chunk of ready.sendChunks) sendChunk(replica, chunk);
  for (const { done, meta } of ready.storeChunks) replica.installing = done ? meta : undefined;
  if (ready.persist !== undefined) persist(replica, ready.persist);
}

/** Thesis §6.4. */
function readAnswered(replica: AbstractReplica, { readId, readIndex }: ReadOutcome): void {
  const { id, role, currentTerm, commitIndex, answeredRound } = replica;
  const read = replica.reads.get(readId);
  const leads = read?.ledTerm === currentTerm && role === "leader";
  replica.demand(read !== undefined && leads === (readIndex !== undefined), "readAnswer");
  replica.reads.delete(readId);
  if (readIndex === undefined) return;
  replica.demand(replica.termAt(commitIndex) === currentTerm, "readOwnTerm");
  replica.demand(
    replica.isQuorum((voter) => voter === id || (answeredRound.get(voter) ?? 0) > read.round),
    "readRound",
  );
  replica.demand(readIndex >= read.committedIndex && readIndex <= commitIndex, "readIndex");
}

function apply(replica: AbstractReplica, entry: LogEntry): void {
  const { lastApplied, commitIndex, durableIndex, history } = replica;
  const { index, term } = entry;
  replica.demand(index === lastApplied + 1 && index <= commitIndex, "applyOrder");
  replica.demand(index <= durableIndex, "appliedDurable");
  replica.demand(
    replica.termAt(index) === term && history.chain([entry], replica.termAt(index - 1)),
    "sameCommitted",
  );
  replica.lastApplied = index;
}

function persist(replica: AbstractReplica, batch: WriteBatch): void {
  const { writing, currentTerm, votedFor, stored, log, durableIndex } = replica;
  replica.demand(writing === undefined, "oneWrite");
  const { hardState, entries } = batch;
  const [first, last] = [entries[0], entries.at(-1)];
  const follows = first === undefined || first.index === stored.endOf(batch) + 1;
  const reachesEnd =
    last === undefined
      ? (batch.truncateFrom ?? Number.POSITIVE_INFINITY) > durableIndex
      : last.index === log.lastIndex;
  const isPresent =
    hardState === undefined || (hardState.currentTerm === currentTerm && hardState.votedFor === votedFor);
  const isLog = entries.every(({ index, term }) => log.termAt(index) === term);
  replica.demand(follows && reachesEnd && isPresent && isLog, "batch");
  replica.writing = batch;
}
