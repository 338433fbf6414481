import type { RaftReply, RaftRequest } from "./messages.ts";
import type { ChunkToSend } from "./ready.ts";
import type { ReplicaId, SnapshotMeta, WriteBatch } from "./types.ts";

/** Everything that can happen to a replica, except a proposal, which is answered at once. */
export type Input =
  /**
   * A peer's request. The reply carries the same `callId`. Each call gets at most one reply. A bootstrapping replica
   * replies only to bootstrap checks.
   */
  | {
      readonly type: "request";
      readonly callId: number;
      readonly from: ReplicaId;
      readonly request: RaftRequest;
    }
  /** A peer's reply. `request` is the very object that was sent. */
  | ({ readonly type: "reply" } & PeerReply<RaftRequest, RaftReply>)
  /** A call to a peer ended without a reply. Every request sent ends in `reply` or in `failed`. */
  | { readonly type: "failed"; readonly to: ReplicaId; readonly request: SentRequest }
  /** The batch that was handed out is durable. */
  | { readonly type: "persisted"; readonly batch: WriteBatch }
  /** The storage had no space for the batch that was handed out. None of it is stored. */
  | { readonly type: "writeRefused"; readonly batch: WriteBatch }
  /** A pause after `writeRefused` is over: the refused batch may be handed out again. */
  | { readonly type: "retryWrite" }
  /** A snapshot of this replica's state machine, taken at this position, is durable. */
  | { readonly type: "snapshotSaved"; readonly meta: SnapshotMeta }
  /** A received chunk is stored. `nextOffset` is the size of the stored part, in bytes. */
  | {
      readonly type: "chunkStored";
      readonly callId: number;
      readonly meta: SnapshotMeta;
      readonly nextOffset: number;
    }
  /** The storage had no space for a received chunk. The stored part of the snapshot is discarded. */
  | { readonly type: "chunkRefused"; readonly callId: number; readonly meta: SnapshotMeta }
  /** A received snapshot is durable and the state machine holds it. */
  | { readonly type: "snapshotInstalled"; readonly callId: number; readonly meta: SnapshotMeta }
  /** A read asks for the index that must be applied before it is linearizable. The outcome comes in `Ready.reads`. */
  | { readonly type: "read"; readonly readId: number }
  /** This replica is about to stop: it stops leading and never campaigns again; see roles/resign.ts. */
  | { readonly type: "resign" }
  /**
   * Entries that were handed out are applied; `tookMs` is how long that took. Optional for a slice that took at most
   * `maxApplyMs`, unless `more` was set.
   */
  | { readonly type: "applied"; readonly entries: number; readonly tookMs: number }
  /**
   * Size limit of the entries or of the chunk in one message from now on, in bytes, without the overhead of the
   * transport. Before the first of these inputs only the limits of the configuration apply.
   */
  | { readonly type: "payloadLimit"; readonly bytes: number }
  /** The time of `deadline()` has come. */
  | { readonly type: "timer" };

/** A peer's reply to a request. */
export interface PeerReply<Request extends RaftRequest, Reply extends RaftReply> {
  /** The peer. */
  readonly from: ReplicaId;
  /** The very object that was handed out. */
  readonly request: Request;
  /** Of the same type as the request. */
  readonly reply: Reply;
}

/** The very object that was handed out. */
export type SentRequest = RaftRequest | ChunkToSend["request"];
