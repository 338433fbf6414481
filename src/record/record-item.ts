import type { ReplicaStart } from "../ports/index.ts";
import type { Input, Proposed, RaftReply, RaftRequest, ReplicaId } from "../raft/index.ts";

/** The format of a record. A reader refuses any other. */
export const RECORD_VERSION = 1;

/** One thing that a record holds, in the order in which they happened. */
export type RecordItem =
  /** A replica began. A record begins with it. */
  | { readonly type: "started"; readonly version: typeof RECORD_VERSION; readonly start: ReplicaStart }
  /** The core took an input at `nowMs`. */
  | { readonly type: "stepped"; readonly input: RecordedInput; readonly nowMs: number }
  /** The core was asked what to do, and answered; see {@link outlineOf}. */
  | { readonly type: "took"; readonly ready: Outline };

/** Inputs name the very objects that the core handed out; a record has their numbers, see {@link HandedOut}. */
export type RecordedInput =
  | Exclude<Input, { readonly type: "reply" | "failed" | "persisted" | "writeRefused" }>
  | {
      readonly type: "reply";
      readonly from: ReplicaId;
      /** The request itself if the core did not hand it out as it was sent: a chunk gets its bytes later. */
      readonly request: number | RaftRequest;
      readonly reply: RaftReply;
    }
  | { readonly type: "failed"; readonly to: ReplicaId; readonly request: number }
  | { readonly type: "persisted" | "writeRefused"; readonly batch: number }
  | { readonly type: "propose"; readonly data: Uint8Array; readonly proposed: Proposed };

/** Plain data, with a length and a checksum in the place of bytes. */
export type Outline =
  | null
  | boolean
  | number
  | string
  | readonly Outline[]
  | { readonly [key: string]: Outline };
