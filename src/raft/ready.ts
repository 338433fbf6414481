import type { InstallSnapshot, RaftReply, RaftRequest } from "./messages.ts";
import type { LogEntry, LogPosition, ReplicaId, SnapshotMeta, WriteBatch } from "./types.ts";

/** A message that may leave at once. */
export type Outgoing =
  | {
      readonly type: "request";
      readonly to: ReplicaId;
      readonly request: RaftRequest;
      /**
       * After what time without a reply the call fails, in ms; undefined for a message that is small and worthless when
       * late, for which the shortest election timeout is long enough.
       */
      readonly deadlineMs?: number | undefined;
    }
  | { readonly type: "reply"; readonly callId: number; readonly reply: RaftReply };

/** A chunk to be read from the newest snapshot and sent: InstallSnapshot without its bytes. */
export interface ChunkToSend {
  readonly to: ReplicaId;
  readonly request: Omit<InstallSnapshot, "data" | "done">;
  /** In bytes. */
  readonly maxBytes: number;
  /** After what time without a reply the call fails, in ms. */
  readonly deadlineMs: number;
}

/** A chunk that arrived in its turn; offset 0 starts a new snapshot and throws an unfinished one away. */
export interface ReceivedChunk {
  readonly callId: number;
  readonly meta: SnapshotMeta;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly done: boolean;
}

/** What became of a read: the index it must wait for, or undefined if this replica no longer leads. */
export interface ReadOutcome {
  readonly readId: number;
  readonly readIndex: number | undefined;
}

/** The storage lacks what `peer` counted on: the replica must not go on. */
export interface StorageLost {
  readonly peer: ReplicaId;
  /** The entry that this replica acknowledged and lacks; undefined if its storage is empty. */
  readonly lacks: LogPosition | undefined;
}

/**
 * All there is to do since the last `take()`. The contract:
 *
 * - `send`, `sendChunks`: may leave at once. A message that promises something durable is not in here before
 *   the write it rests on was reported as `persisted`.
 * - `persist`: hand it to the persister; when it is durable, step `persisted` with the same batch. No further
 *   batch is handed out before that.
 * - `storeChunks`: save them in order, one after the other; step `chunkStored` after each, and after the last one
 *   of a snapshot, once it is durable and the state machine holds it, `snapshotInstalled`.
 * - `apply`: apply in order, before `reads` are answered. Each entry is handed out once. Step `applied` afterwards if
 *   `more` is set or it took longer than `maxApplyMs`, so that the next slice is as large as time allows.
 * - `reads`: each read is answered once.
 * - `unanswered`: calls of peers that get no reply, because too many wait for the disk.
 * - `storageLost`: stop this replica.
 * - `more`: entries still wait to be applied; take again soon, but let other work run first.
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
