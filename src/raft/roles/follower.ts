import { invariant } from "../invariant-violation.ts";
import type { AppendEntries } from "../messages.ts";
import type { RaftState } from "../state.ts";
import { acceptLeader, leaderResigned } from "./transitions.ts";

/** Receiver's side of AppendEntries (§5.3, figure 2). */
export function handleAppendEntries(raft: RaftState, request: AppendEntries, callId: number): void {
  const { log, outbox } = raft;
  const { prevLogIndex, prevLogTerm, entries, round } = request;
  const reject = (conflict?: { index: number; term: number }) =>
    outbox.reply(callId, {
      type: "appendEntries",
      term: raft.currentTerm,
      round,
      success: false,
      conflict,
    });
  if (request.term < raft.currentTerm) return reject();
  acceptLeader(raft, request);
  if (request.successor !== undefined) leaderResigned(raft, request.successor);

  // What a snapshot covers is committed, so it agrees with every leader's log (§5.4.3).
  const agrees = prevLogIndex <= raft.log.snapshotIndex || log.termAt(prevLogIndex) === prevLogTerm;
  if (!agrees && request.mustHold && !raft.config.volatileStorage) {
    raft.storageLost = { peer: request.leaderId, lacks: { index: prevLogIndex, term: prevLogTerm } };
  }
  if (!agrees) return reject(log.lastPossibleAgreement({ index: prevLogIndex, term: prevLogTerm }));

  // The leader's own copy is counted together with this one.
  raft.countedPeers.record(request.leaderId);
  storeEntries(raft, entries);
  const lastNew = prevLogIndex + entries.length;
  invariant(
    entries.length === 0 || lastNew <= log.snapshotIndex || log.termAt(lastNew) === entries.at(-1)?.term,
    "§5.3 acknowledged entries are in the log",
  );
  // After the last new entry the log may still disagree with the leader's.
  commitFromLeader(raft, Math.min(request.leaderCommit, lastNew));
  outbox.acknowledge(
    callId,
    { type: "appendEntries", term: raft.currentTerm, round, success: true },
    lastNew,
  );
}

/** §5.3: an entry that conflicts is removed together with all that follow it. One that agrees is kept. */
function storeEntries(raft: RaftState, entries: AppendEntries["entries"]): void {
  const { log, durability } = raft;
  for (const entry of entries) {
    if (entry.index <= log.snapshotIndex || log.termAt(entry.index) === entry.term) continue;
    if (entry.index <= log.lastIndex) {
      invariant(entry.index > raft.commitIndex, "§5.4.3 a committed entry is never replaced");
      log.truncateFrom(entry.index);
      durability.truncated(entry.index);
    }
    log.append(entry);
  }
}

function commitFromLeader(raft: RaftState, commitIndex: number): void {
  if (commitIndex <= raft.commitIndex) return;
  invariant(commitIndex <= raft.log.lastIndex, "§5.4 every committed entry is in the log");
  raft.commitIndex = commitIndex;
}
