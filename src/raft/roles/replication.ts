import { invariant } from "../invariant-violation.ts";
import type { AppendEntries } from "../messages.ts";
import type { ChunkToSend } from "../ready.ts";
import type { Leader, RaftState } from "../state.ts";
import { SMALL_MESSAGE_BYTES } from "../tracker/pace.ts";
import type { Progress } from "../tracker/progress.ts";
import type { LogEntry, ReplicaId } from "../types.ts";

/**
 * What a leader sends (§5.3, §7). `replicate` is called once for everything that was proposed and acknowledged since
 * the last call.
 */

/** Size limit of a probe, in bytes. A rejected probe is sent again, so it is small. */
const MAX_PROBE_BYTES = 64 << 10;

/** Sends every peer what it lacks, as far as the peer's window allows. */
export function replicate(raft: RaftState, leader: Leader): void {
  for (const progress of leader.peers.values()) {
    if (progress.lostAcknowledged) continue;
    if (needsSnapshot(raft, progress)) startSnapshot(raft, progress);
    switch (progress.mode.type) {
      case "probe":
        sendProbe(raft, leader, progress);
        break;
      case "replicate":
        fillWindow(raft, leader, progress);
        break;
      case "snapshot":
        sendChunk(raft, progress);
        break;
    }
  }
}

/**
 * Sends a heartbeat to every peer. It rests on what the peer is known to hold, so the peer can reply without waiting
 * for its disk. It carries no entries and probes for nothing.
 */
export function broadcastHeartbeat(raft: RaftState, leader: Leader): void {
  for (const [peer, progress] of leader.peers) {
    const prevLogIndex = raft.log.termAt(progress.matchIndex) === undefined ? 0 : progress.matchIndex;
    invariant(prevLogIndex <= raft.log.lastIndex, "§5.3 a heartbeat follows an entry of the leader's log");
    const heartbeat = appendEntries(raft, leader, prevLogIndex, []);
    raft.outbox.request(
      peer,
      progress.lostAcknowledged ? { ...heartbeat, mustHold: prevLogIndex > 0 } : heartbeat,
    );
  }
}

/**
 * The last messages of a leadership. They carry what waited for the window of a peer, so that the successor lacks as
 * little as possible. Their replies are not awaited.
 */
export function announceResignation(raft: RaftState, leader: Leader, successor: ReplicaId): void {
  const { log, config, outbox, payloadLimitBytes } = raft;
  for (const [peer, { mode, nextIndex, matchIndex }] of leader.peers) {
    const flows = mode.type === "replicate" && log.termAt(nextIndex - 1) !== undefined;
    const matched = log.termAt(matchIndex) === undefined ? 0 : matchIndex;
    const entries =
      flows && nextIndex <= log.lastIndex
        ? log.sliceUpTo(nextIndex, Math.min(config.maxAppendBytes, payloadLimitBytes))
        : [];
    const last = appendEntries(raft, leader, flows ? nextIndex - 1 : matched, entries);
    outbox.request(peer, { ...last, successor });
  }
}

function needsSnapshot(raft: RaftState, progress: Progress): boolean {
  return progress.mode.type !== "snapshot" && raft.log.termAt(progress.nextIndex - 1) === undefined;
}

function startSnapshot(raft: RaftState, progress: Progress): void {
  const meta = raft.log.snapshot;
  invariant(meta !== undefined, "§7 entries that the log no longer holds are in a snapshot");
  progress.sendSnapshot(meta);
}

/** One message probes where the logs agree. The next one is sent after its reply. */
function sendProbe(raft: RaftState, leader: Leader, progress: Progress): void {
  if (progress.paused || progress.inflight > 0) return;
  sendEntries(raft, leader, progress, MAX_PROBE_BYTES);
}

/**
 * Pipelining (thesis §10.2.2). Entries leave at once if nothing is in flight. If the peer is distant, further ones join
 * those in flight once they are as many, or a quarter of a round trip after the last message. So few messages carry
 * many entries, and none waits for a whole round trip. If the peer is near, another message costs both replicas more
 * than the wait.
 */
function fillWindow(raft: RaftState, leader: Leader, progress: Progress): void {
  const { log, config, nowMs } = raft;
  while (isWaiting(raft, progress)) {
    const waiting = log.lastIndex + 1 - progress.nextIndex;
    const joins = waiting >= progress.unanswered || nowMs >= progress.joinAtMs;
    if (progress.inflight > 0 && !joins) return;
    progress.nextIndex += sendEntries(raft, leader, progress, config.maxAppendBytes);
    invariant(
      progress.inflight <= config.maxInflightAppends,
      "thesis §10.2.2 the messages in flight are limited",
    );
  }
}

/**
 * Returns whether entries wait that another message may carry. Large messages are sent one at a time, because a second
 * one would only share the link with the first, and delay heartbeats.
 */
function isWaiting(
  { config, log }: RaftState,
  { inflight, inflightBytes, nextIndex, pace }: Progress,
): boolean {
  if (nextIndex > log.lastIndex) return false;
  if (inflight === 0) return true;
  return (
    pace.shortestMs >= config.pipelineFromMs &&
    inflight < config.maxInflightAppends &&
    inflightBytes < Math.min(SMALL_MESSAGE_BYTES, config.maxInflightBytes)
  );
}

/** Returns the next time at which few entries may join those in flight to a peer, in ms. Infinite if none wait. */
export function windowDeadlineMs(raft: RaftState, leader: Leader): number {
  let deadlineMs = Number.POSITIVE_INFINITY;
  for (const progress of leader.peers.values()) {
    if (progress.mode.type !== "replicate" || progress.lostAcknowledged) continue;
    if (isWaiting(raft, progress)) deadlineMs = Math.min(deadlineMs, progress.joinAtMs);
  }
  return deadlineMs;
}

function sendEntries(raft: RaftState, leader: Leader, progress: Progress, maxBytes: number): number {
  const { log, outbox, payloadLimitBytes } = raft;
  const limitBytes = progress.pace.messageBytes(Math.min(maxBytes, payloadLimitBytes));
  const entries = progress.nextIndex > log.lastIndex ? [] : log.sliceUpTo(progress.nextIndex, limitBytes);
  const request = appendEntries(raft, leader, progress.nextIndex - 1, entries);
  const deadlineMs = progress.sent(request, raft.nowMs);
  outbox.request(progress.peer, request, deadlineMs);
  return entries.length;
}

function sendChunk(raft: RaftState, progress: Progress): void {
  if (progress.mode.type !== "snapshot" || progress.paused || progress.chunkInflight) return;
  const { meta, offset } = progress.mode;
  invariant(meta.lastIncludedIndex <= raft.log.snapshotIndex, "§7 a leader sends its own snapshots");
  const { currentTerm: term, id: leaderId, config, payloadLimitBytes } = raft;
  const maxBytes = progress.pace.messageBytes(Math.min(config.snapshotChunkBytes, payloadLimitBytes));
  const request: ChunkToSend["request"] = { type: "installSnapshot", term, leaderId, ...meta, offset };
  const deadlineMs = progress.chunkSent(request, maxBytes, raft.nowMs);
  raft.sendChunks.push({ to: progress.peer, request, maxBytes, deadlineMs });
}

function appendEntries(
  raft: RaftState,
  leader: Leader,
  prevLogIndex: number,
  entries: readonly LogEntry[],
): AppendEntries {
  const prevLogTerm = raft.log.termAt(prevLogIndex);
  invariant(prevLogTerm !== undefined || prevLogIndex === 0, "§5.3 entries follow one that the leader knows");
  invariant(
    entries.length === 0 || entries[0]?.index === prevLogIndex + 1,
    "§5.3 entries follow the entry that their message names",
  );
  return {
    type: "appendEntries",
    term: raft.currentTerm,
    leaderId: raft.id,
    prevLogIndex,
    prevLogTerm: prevLogTerm ?? 0,
    entries,
    leaderCommit: raft.commitIndex,
    round: leader.reads.round,
    successor: undefined,
    mustHold: false,
  };
}
