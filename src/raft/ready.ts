import type { InstallSnapshot, RaftReply, RaftRequest } from "./messages.ts";
import type { LogEntry, ReplicaId, SnapshotMeta, WriteBatch } from "./types.ts";

/** A message that may leave at once. */
export type Outgoing =
  | { readonly type: "request"; readonly to: ReplicaId; readonly request: RaftRequest }
  | { readonly type: "reply"; readonly callId: number; readonly reply: RaftReply };

/** A chunk to be read from the newest snapshot and sent: InstallSnapshot without its bytes. */
export interface ChunkToSend {
  readonly to: ReplicaId;
  readonly request: Omit<InstallSnapshot, "data" | "done">;
  /** In bytes. */
  readonly maxBytes: number;
}

/** A chunk that arrived in its turn; offset 0 starts a new snapshot and throws an unfinished one away. */
export interface ChunkToSave {
  readonly callId: number;
  readonly meta: SnapshotMeta;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly done: boolean;
}

/** What became of a read: the index it must wait for, or undefined where this replica no longer leads. */
export interface ReadOutcome {
  readonly readId: number;
  readonly readIndex: number | undefined;
}

/** The storage is empty, though `peer` counted on what was in it: the replica must not go on. */
export interface Forgotten {
  readonly peer: ReplicaId;
}

/**
 * All there is to do since the last `take()`. The contract:
 *
 * - `send`, `sendChunks`: may leave at once. A message that promises something durable is not in here before
 *   the write it rests on was reported as `persisted`.
 * - `persist`: hand it to the persister; when it is durable, step `persisted` with the same batch. No further
 *   batch is handed out before that.
 * - `saveChunks`: save them in order, one after the other; step `chunkSaved` after each, and after the last one
 *   of a snapshot, once it is durable and the state machine holds it, `snapshotInstalled`.
 * - `apply`: apply in order, before `reads` are answered. Each entry is handed out once. Step `applied` afterwards if
 *   `more` is set or it took longer than `maxApplyMs`, so that the next slice is as large as time allows.
 * - `reads`: each read is answered once.
 * - `forgotten`: stop this replica.
 * - `more`: entries still wait to be applied; take again soon, but let other work run first.
 */
export interface Ready {
  readonly send: readonly Outgoing[];
  readonly sendChunks: readonly ChunkToSend[];
  readonly persist: WriteBatch | undefined;
  readonly saveChunks: readonly ChunkToSave[];
  readonly apply: readonly LogEntry[];
  readonly reads: readonly ReadOutcome[];
  readonly more: boolean;
  readonly forgotten: Forgotten | undefined;
}
