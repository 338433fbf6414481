import type { InstallSnapshot, RaftReply, RaftRequest } from "./messages.ts";
import type { LogEntry, LogPosition, ReplicaId, SnapshotMeta, WriteBatch } from "./types.ts";

/** A message that may leave at once. */
export type Outgoing =
  | {
      readonly type: "request";
      readonly to: ReplicaId;
      readonly request: RaftRequest;
      /**
       * Time in ms after which the call fails without a reply. Default: the shortest election timeout, for small
       * messages that are worthless when late.
       */
      readonly deadlineMs?: number | undefined;
    }
  | { readonly type: "reply"; readonly callId: number; readonly reply: RaftReply };

/** A chunk to read from the newest snapshot and to send: InstallSnapshot without its bytes. */
export interface ChunkToSend {
  /** The peer that needs the snapshot. */
  readonly to: ReplicaId;
  /** Names the snapshot and the offset, in bytes. */
  readonly request: Omit<InstallSnapshot, "data" | "done">;
  /** Size limit of the chunk, in bytes. */
  readonly maxBytes: number;
  /** Time in ms after which the call fails without a reply. */
  readonly deadlineMs: number;
}

/** A chunk to store, received in order. Offset 0 begins a new snapshot and discards an unfinished one. */
export interface ReceivedChunk {
  /** The call that brought it; named again in `chunkStored`. */
  readonly callId: number;
  /** What the whole snapshot covers. */
  readonly meta: SnapshotMeta;
  /** Offset of `data` in the snapshot, in bytes. */
  readonly offset: number;
  /** The bytes of the chunk. */
  readonly data: Uint8Array;
  /** Whether this chunk is the last. */
  readonly done: boolean;
}

/** The outcome of a read: the index that must be applied first, or undefined if this replica does not lead. */
export interface ReadOutcome {
  /** As given in the input `read`. */
  readonly readId: number;
  /** The index to apply before the state is read; undefined if this replica does not lead. */
  readonly readIndex: number | undefined;
}

/** The storage lacks what `peer` has counted. The replica must stop. */
export interface StorageLost {
  /** The replica that counted on what was lost. */
  readonly peer: ReplicaId;
  /** The entry that this replica acknowledged and lacks; undefined if its storage is empty. */
  readonly lacks: LogPosition | undefined;
}

/**
 * Everything that the core wants done since the last `take()`. The contract:
 *
 * - `send`, `sendChunks`: send at once. A message that promises something durable is not in here before the write of it
 *   was reported as `persisted`.
 * - `persist`: give it to the persister. When it is durable, step `persisted` with the same batch. The next batch is handed
 *   out only after that.
 * - `storeChunks`: store them in order, one after the other. Step `chunkStored` after each. After the last chunk of a
 *   snapshot, step `snapshotInstalled` once the snapshot is durable and the state machine holds it.
 * - `apply`: apply in order, before `reads` are answered. Each entry is handed out once. Step `applied` afterwards if
 *   `more` is set or if it took longer than `maxApplyMs`: the size of the next slice depends on it.
 * - `reads`: each read is answered once.
 * - `unanswered`: calls of peers that get no reply, because too many replies wait for the disk.
 * - `storageLost`: stop this replica.
 * - `more`: more entries can be applied. Take again soon, after other work has run.
 */
export interface Ready {
  readonly send: readonly Outgoing[];
  readonly sendChunks: readonly ChunkToSend[];
  readonly persist: WriteBatch | undefined;
  readonly storeChunks: readonly ReceivedChunk[];
  readonly apply: readonly LogEntry[];
  readonly reads: readonly ReadOutcome[];
  readonly more: boolean;
  readonly unanswered: readonly number[];
  readonly storageLost: StorageLost | undefined;
}
