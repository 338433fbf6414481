import type { PeerReply } from "../input.ts";
import { invariant } from "../invariant-violation.ts";
import { ENTRY_OVERHEAD_BYTES, sizeOf } from "../log/entry-size.ts";
import type {
  AppendEntries,
  AppendEntriesReply,
  InstallSnapshot,
  InstallSnapshotReply,
} from "../messages.ts";
import type { ChunkToSend } from "../ready.ts";
import type { Leader, RaftState } from "../state.ts";
import type { Progress } from "../tracker/progress.ts";
import type { LogEntry, LogPosition, ReplicaId } from "../types.ts";
import { broadcastHeartbeat } from "./replication.ts";
import { stepDown } from "./transitions.ts";

/** The leader's rules (§5.3, §5.4.2, figure 2). */

/**
 * The immediate outcome of a proposal. An accepted one will be committed, or replaced by the entry of another leader.
 */
export type Proposed =
  | ({ readonly type: "accepted" } & LogPosition)
  | { readonly type: "notLeader"; readonly leader: ReplicaId | undefined }
  | { readonly type: "overloaded" };

export function propose(raft: RaftState, data: Uint8Array): Proposed {
  const { role, log } = raft;
  const limitBytes = maxCommandBytes(raft);
  if (data.length > limitBytes)
    throw new RangeError(`Cannot propose command: at most ${limitBytes} bytes, got ${data.length}`);
  if (role.type !== "leader") return { type: "notLeader", leader: raft.leader };
  const position = { index: log.lastIndex + 1, term: raft.currentTerm };
  const entry: LogEntry = { ...position, type: "command", data };
  role.admission.settled(log, raft.settledIndex);
  if (raft.durability.isFull || !role.admission.admits(sizeOf(entry))) return { type: "overloaded" };
  invariant(position.index > role.firstIndex, "§8 a leadership begins with its no-op");
  log.append(entry);
  role.admission.accepted(entry.index, sizeOf(entry));
  return { type: "accepted", ...position };
}

/**
 * Size limit of a command, in bytes. A larger one would fit into no message, and would block the replication of
 * everything behind it.
 */
export function maxCommandBytes({ config, payloadLimitBytes }: RaftState): number {
  return Math.max(0, Math.min(config.maxCommandBytes, payloadLimitBytes - ENTRY_OVERHEAD_BYTES));
}

/** The heartbeat timer, with check-quorum (thesis §6.2). */
export function leaderTimedOut(raft: RaftState, leader: Leader): void {
  if (raft.nowMs < leader.nextHeartbeatMs) return;
  const { heartbeatMs, electionTimeoutMinMs } = raft.config;
  const stalled = raft.nowMs - leader.nextHeartbeatMs > heartbeatMs;
  const inContact = (voter: ReplicaId) => {
    const progress = leader.peers.get(voter);
    return progress === undefined || raft.nowMs - progress.lastContactMs < electionTimeoutMinMs;
  };
  if (raft.membership.hasQuorum(inContact)) leader.stallForgiven = false;
  // Messages that the peers sent during a stall of this process may be waiting to be read. One heartbeat is enough for
  // that.
  else if (stalled && !leader.stallForgiven) leader.stallForgiven = true;
  else return stepDown(raft);
  if (diskHangs(raft, leader)) return stepDown(raft);

  for (const progress of leader.peers.values()) if (progress.mayRetry(raft.nowMs)) progress.paused = false;
  leader.nextHeartbeatMs = raft.nowMs + heartbeatMs;
  broadcastHeartbeat(raft, leader);
}

/**
 * A leader whose disk hangs acknowledges no write, though a quorum could, so another replica must lead. If the disks of
 * the others are as slow, another leader would do no better. So this one waits for its own write twice as long as for a
 * commit. The same holds for a full disk: while no quorum has space either, its leader continues and serves reads.
 */
const SLOWEST_WRITE_TIMEOUTS = 5;

function diskHangs(raft: RaftState, leader: Leader): boolean {
  timeCommit(raft, leader);
  const { durability, commitIndex, config } = raft;
  const batch = durability.isFull ? "full" : durability.inFlight;
  const isBehind = batch !== undefined && commitIndex > durability.durableIndex;
  if (!isBehind || batch !== leader.slowWrite.batch) leader.slowWrite = { batch, sinceMs: raft.nowMs };
  const patienceMs = Math.max(SLOWEST_WRITE_TIMEOUTS * config.electionTimeoutMaxMs, 2 * leader.commitMs);
  return raft.nowMs - leader.slowWrite.sinceMs > patienceMs;
}

function timeCommit({ log, commitIndex, nowMs }: RaftState, leader: Leader): void {
  const awaited = leader.awaitedCommit;
  if (awaited !== undefined) {
    if (commitIndex < awaited.index) return;
    leader.commitMs = nowMs - awaited.sinceMs;
    leader.awaitedCommit = undefined;
  }
  if (log.lastIndex > commitIndex) leader.awaitedCommit = { index: log.lastIndex, sinceMs: nowMs };
}

/** Leader's side of AppendEntries, for replies of this leadership. */
export function handleAppendEntriesReply(
  raft: RaftState,
  leader: Leader,
  { from, request, reply }: PeerReply<AppendEntries, AppendEntriesReply>,
): void {
  const progress = leader.peers.get(from);
  if (progress === undefined) return;
  const call = progress.ended(request, raft.nowMs, true);
  if (reply.term !== raft.currentTerm) return;
  progress.recordContact(raft.nowMs);
  leader.reads.acknowledge(from, reply.round);
  if (call === "ignored") return;
  if (reply.success && call !== undefined) {
    // An acknowledgement counts no matter how late it arrives.
    raft.countedPeers.record(from);
    entriesAccepted(raft, leader, progress, request);
  } else if (!reply.success && (call === "inflight" || (call === "givenUp" && progress.stillAsks(request)))) {
    if (reply.conflict !== undefined) entriesRejected(raft, progress, request, reply.conflict);
  } else if (isRefusedHeartbeat(request, reply, call)) {
    acknowledgedIsLost(raft, progress);
  } else {
    progress.heartbeatAnswered(raft.nowMs);
  }
}

/**
 * A heartbeat rests on what the peer had acknowledged when it was sent. So a peer that rejects one because of its log
 * lacks what it acknowledged. The other calls without entries are probes, which the progress knows.
 */
function isRefusedHeartbeat(
  { entries }: AppendEntries,
  reply: AppendEntriesReply,
  call: ReturnType<Progress["ended"]>,
): boolean {
  return !reply.success && reply.conflict !== undefined && call === undefined && entries.length === 0;
}

/**
 * The peer lacks what it acknowledged in this leadership: its data was replaced by an older copy, or its disk lost what
 * it had synced. If storage is volatile, a new leadership begins, which does not know yet what its peers hold. Otherwise
 * the peer no longer counts, and is instructed to stop (`mustHold`).
 */
function acknowledgedIsLost(raft: RaftState, progress: Progress): void {
  if (raft.config.volatileStorage) return stepDown(raft);
  progress.lostAcknowledged = true;
}

function entriesAccepted(raft: RaftState, leader: Leader, progress: Progress, request: AppendEntries): void {
  const index = request.prevLogIndex + request.entries.length;
  invariant(index <= raft.log.lastIndex, "§5.3 a peer holds no entry that its leader lacks");
  progress.matched(index);
  if (progress.mode.type === "probe") progress.replicate();
  commitByQuorum(raft, leader);
}

function entriesRejected(
  raft: RaftState,
  progress: Progress,
  request: AppendEntries,
  conflict: LogPosition,
): void {
  // One probe is in flight at a time, so this reply was not overtaken by another.
  if (progress.mode.type === "probe" && request.prevLogIndex <= progress.matchIndex) {
    return acknowledgedIsLost(raft, progress);
  }
  progress.probe(raft.log.lastPossibleAgreement(conflict).index + 1);
}

/** Leader's side of InstallSnapshot, for replies of this leadership. */
export function handleInstallSnapshotReply(
  raft: RaftState,
  leader: Leader,
  { from, request, reply }: PeerReply<InstallSnapshot, InstallSnapshotReply>,
): void {
  const progress = leader.peers.get(from);
  if (progress === undefined || reply.term !== raft.currentTerm) return;
  const mode = progress.mode;
  const isCurrent = mode.type === "snapshot" && mode.meta.lastIncludedIndex === request.lastIncludedIndex;
  progress.recordContact(raft.nowMs);
  if (!isCurrent) return;
  if (reply.installed) {
    raft.countedPeers.record(from);
    invariant(request.lastIncludedIndex <= raft.log.snapshotIndex, "§7 a leader sends its own snapshots");
    progress.matched(request.lastIncludedIndex);
    progress.replicate();
    commitByQuorum(raft, leader);
  } else if (reply.nextOffset > mode.offset) {
    progress.chunkAnswered(request.offset, raft.nowMs);
    progress.mode = { ...mode, offset: reply.nextOffset };
  } else if (request.offset !== mode.offset) {
    // The reply to a copy of an earlier chunk.
    return;
  } else if (reply.nextOffset === mode.offset) {
    progress.chunkBusy(raft.nowMs);
    progress.paused = true;
  } else {
    // The peer starts again from an earlier offset.
    progress.chunkAnswered(request.offset, raft.nowMs);
    progress.mode = { ...mode, offset: reply.nextOffset };
    progress.paused = true;
  }
}

/**
 * A call failed without a reply. Its content may have arrived or not, so the leader probes again for where the logs
 * agree.
 */
export function appendEntriesFailed(
  { nowMs }: RaftState,
  leader: Leader,
  to: ReplicaId,
  request: AppendEntries,
): void {
  const progress = leader.peers.get(to);
  if (progress === undefined) return;
  if (progress.ended(request, nowMs, false) !== "inflight" || progress.mode.type === "snapshot") return;
  // A failed probe is repeated at the same index: the failure says nothing about the peer's log.
  progress.probe(progress.mode.type === "probe" ? progress.nextIndex : progress.matchIndex + 1);
  progress.paused = true;
}

/** The next attempt follows at the heartbeat, with the newest snapshot. */
export function chunkFailed(
  raft: RaftState,
  leader: Leader,
  to: ReplicaId,
  request: ChunkToSend["request"],
): void {
  const progress = leader.peers.get(to);
  if (progress?.mode.type !== "snapshot" || !progress.chunkFailed(request, raft.nowMs)) return;
  const newest = raft.log.snapshot;
  if (newest !== undefined && newest.lastIncludedIndex !== progress.mode.meta.lastIncludedIndex) {
    progress.sendSnapshot(newest);
  }
  progress.paused = true;
}

/**
 * §5.3, §5.4.2: an entry of the current term is committed once a quorum holds it durably, and all entries before it
 * too. An entry of an older term is never committed by counting.
 */
export function commitByQuorum(raft: RaftState, leader: Leader): void {
  const { log, durability, membership, countedPeers } = raft;
  if (raft.commitIndex === log.lastIndex) return;
  const agreed = membership.agreedIndex((voter) => {
    const progress = leader.peers.get(voter);
    if (progress === undefined) return durability.durableIndex;
    return countedPeers.isDurable(voter) && !progress.lostAcknowledged ? progress.matchIndex : 0;
  });
  if (agreed <= raft.commitIndex || log.termAt(agreed) !== raft.currentTerm) return;
  invariant(
    agreed >= leader.firstIndex && agreed <= log.lastIndex,
    "§5.4.2 a leader commits by counting only entries of its term",
  );
  raft.commitIndex = agreed;
}

/** ReadIndex (thesis §6.4): reads wait until an entry of this term is committed, then for a round of heartbeats. */
export function serveReads(raft: RaftState, leader: Leader): void {
  if (raft.commitIndex < leader.firstIndex) return;
  answerReads(raft, leader);
  if (!leader.reads.startRound(raft.commitIndex, raft.id)) return;
  broadcastHeartbeat(raft, leader);
  answerReads(raft, leader);
}

function answerReads(raft: RaftState, leader: Leader): void {
  for (const read of leader.reads.takeConfirmed(raft.membership)) {
    invariant((read.readIndex ?? 0) <= raft.commitIndex, "thesis §6.4 a read waits for a committed entry");
    raft.reads.push(read);
  }
}
