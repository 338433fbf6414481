import { invariant } from "../invariant-violation.ts";
import type { InstallSnapshot } from "../messages.ts";
import type { RaftState } from "../state.ts";
import type { ReplicaId, SnapshotMeta } from "../types.ts";
import { acceptLeader } from "./transitions.ts";

/** Receiver's side of InstallSnapshot (§7, figure 13): chunks in order, then the snapshot replaces the log. */

export function handleInstallSnapshot(
  raft: RaftState,
  from: ReplicaId,
  request: InstallSnapshot,
  callId: number,
): void {
  const { lastIncludedIndex, lastIncludedTerm, offset, data, done } = request;
  if (request.term < raft.currentTerm) return replyWith(raft, callId, 0);
  acceptLeader(raft, request);
  raft.countedPeers.record(request.leaderId);
  if (lastIncludedIndex <= raft.commitIndex) {
    // Everything that the snapshot covers is committed here already, so it agrees.
    const reply = {
      type: "installSnapshot",
      term: raft.currentTerm,
      nextOffset: 0,
      installed: true,
    } as const;
    return raft.outbox.acknowledge(callId, reply, lastIncludedIndex);
  }
  if (raft.incoming?.storing) return replyWith(raft, callId, raft.incoming.nextOffset);

  const { configuration } = request;
  const meta: SnapshotMeta = { lastIncludedIndex, lastIncludedTerm, ...(configuration && { configuration }) };
  if (offset === 0) {
    raft.incoming = { from, term: request.term, meta, nextOffset: 0, storing: false, installing: false };
  }
  // Chunks of snapshots of two leaders are never mixed, not even at the same position, because the bytes may differ.
  const incoming = raft.incoming;
  if (
    incoming === undefined ||
    !isSame(incoming.meta, meta) ||
    incoming.from !== from ||
    incoming.term !== request.term
  ) {
    return replyWith(raft, callId, 0);
  }
  if (offset !== incoming.nextOffset) return replyWith(raft, callId, incoming.nextOffset);
  invariant(!incoming.installing, "§7 nothing is stored after the last chunk");
  incoming.storing = true;
  incoming.installing = done;
  raft.storeChunks.push({ callId, meta, offset, data, done });
}

/** The chunk that was handed out is stored. */
export function chunkStored(raft: RaftState, callId: number, meta: SnapshotMeta, nextOffset: number): void {
  const { incoming } = raft;
  invariant(
    incoming?.storing === true && isSame(incoming.meta, meta),
    "§7 a chunk is saved before the next is taken",
  );
  invariant(nextOffset >= incoming.nextOffset, "§7 a chunk makes a snapshot no shorter");
  incoming.nextOffset = nextOffset;
  if (incoming.installing) return;
  incoming.storing = false;
  replyWith(raft, callId, nextOffset);
}

/** There was no space for the chunk that was handed out. The leader has to start again. */
export function chunkRefused(raft: RaftState, callId: number, meta: SnapshotMeta): void {
  const { incoming } = raft;
  invariant(
    incoming?.storing === true && isSame(incoming.meta, meta),
    "§7 a chunk that was handed out is refused",
  );
  raft.incoming = undefined;
  replyWith(raft, callId, 0);
}

/** The snapshot is durable, and the state machine holds it. */
export function snapshotInstalled(raft: RaftState, callId: number, meta: SnapshotMeta): void {
  const { log, incoming } = raft;
  invariant(
    incoming?.installing === true && isSame(incoming.meta, meta),
    "§7 the snapshot that was received is installed",
  );
  const { lastIncludedIndex } = meta;
  invariant(raft.lastApplied <= lastIncludedIndex, "§7 a snapshot never moves the state machine back");
  const suffixKept = log.termAt(lastIncludedIndex) === meta.lastIncludedTerm;
  log.installSnapshot(meta);
  raft.durability.snapshotInstalled(lastIncludedIndex, suffixKept);
  raft.commitIndex = Math.max(raft.commitIndex, lastIncludedIndex);
  raft.lastApplied = lastIncludedIndex;
  raft.incoming = undefined;
  invariant(
    raft.settledIndex >= lastIncludedIndex,
    "§7 an installed snapshot is committed, and durable on this replica",
  );
  const reply = {
    type: "installSnapshot",
    term: raft.currentTerm,
    nextOffset: incoming.nextOffset,
    installed: true,
  } as const;
  raft.outbox.acknowledge(callId, reply, lastIncludedIndex);
}

function replyWith(raft: RaftState, callId: number, nextOffset: number): void {
  raft.outbox.reply(callId, {
    type: "installSnapshot",
    term: raft.currentTerm,
    nextOffset,
    installed: false,
  });
}

function isSame(a: SnapshotMeta, b: SnapshotMeta): boolean {
  return a.lastIncludedIndex === b.lastIncludedIndex && a.lastIncludedTerm === b.lastIncludedTerm;
}
