import type { RaftReply, RaftRequest } from "./messages.ts";
import type { ChunkToSend } from "./ready.ts";
import type { ReplicaId, SnapshotMeta, WriteBatch } from "./types.ts";

/** Everything that can happen to a replica, but for a proposal, which is answered on the spot. */
export type Input =
  /** A peer asks. `callId` names the call in the reply; a call gets one reply, but a bootstrapping replica answers nothing except checks. */
  | {
      readonly type: "request";
      readonly callId: number;
      readonly from: ReplicaId;
      readonly request: RaftRequest;
    }
  /** A peer answered; `request` is the very object that was sent. */
  | ({ readonly type: "reply" } & PeerReply<RaftRequest, RaftReply>)
  /** A call to a peer ended without a reply. Every request sent ends in `reply` or in `failed`. */
  | { readonly type: "failed"; readonly to: ReplicaId; readonly request: SentRequest }
  /** The batch that was handed out is durable. */
  | { readonly type: "persisted"; readonly batch: WriteBatch }
  /** The storage had no space for the batch that was handed out: nothing of it is stored. */
  | { readonly type: "writeRefused"; readonly batch: WriteBatch }
  /** Some time has passed since then: what was refused may be handed out again. */
  | { readonly type: "retryWrite" }
  /** A snapshot of this replica's state machine, taken at this position, is durable. */
  | { readonly type: "snapshotSaved"; readonly meta: SnapshotMeta }
  /** A received chunk was saved; `nextOffset` is the size so far, in bytes. */
  | {
      readonly type: "chunkStored";
      readonly callId: number;
      readonly meta: SnapshotMeta;
      readonly nextOffset: number;
    }
  /** The storage had no space for a received chunk: what was saved of the snapshot is gone. */
  | { readonly type: "chunkRefused"; readonly callId: number; readonly meta: SnapshotMeta }
  /** A received snapshot is durable and the state machine holds it. */
  | { readonly type: "snapshotInstalled"; readonly callId: number; readonly meta: SnapshotMeta }
  /** Which index must be applied before a read is linearizable? Answered in `Ready.reads`. */
  | { readonly type: "read"; readonly readId: number }
  /** This replica is about to stop: it leads no more and never campaigns again; see resign.ts. */
  | { readonly type: "resign" }
  /**
   * Entries that were handed out were applied, and took so long, in ms. What is never told counts as quick: only a
   * slice that ends with `more`, or that took longer than `maxApplyMs`, need be told of.
   */
  | { readonly type: "applied"; readonly entries: number; readonly tookMs: number }
  /**
   * What one message may carry from now on, of entries or of a snapshot, in bytes; whatever it adds comes on top. Without
   * this input there is no limit but those of the configuration.
   */
  | { readonly type: "payloadLimit"; readonly bytes: number }
  /** `deadline()` has come. */
  | { readonly type: "timer" };

/** What a peer replied to a request. */
export interface PeerReply<Request extends RaftRequest, Reply extends RaftReply> {
  readonly from: ReplicaId;
  /** The very object that was handed out. */
  readonly request: Request;
  readonly reply: Reply;
}

/** The very object that was handed out. */
export type SentRequest = RaftRequest | ChunkToSend["request"];
