import type { ReplicaStart } from "../ports/index.ts";
import type { Input, Proposed, RaftReply, RaftRequest, ReplicaId } from "../raft/index.ts";

/** Version of the format. A reader rejects any other. */
export const RECORD_VERSION = 2;

/** An item of a record. Items are in the order of their events. */
export type RecordItem =
  /** A replica started. It is the first item of a record. */
  | { readonly type: "started"; readonly version: typeof RECORD_VERSION; readonly start: ReplicaStart }
  /** The core was given an input at `nowMs`. */
  | { readonly type: "stepped"; readonly input: RecordedInput; readonly nowMs: number }
  /** `ready` was taken from the core; see {@link outlineOf}. */
  | { readonly type: "took"; readonly ready: Outline };

/** An input, with numbers in the place of objects that the core handed out; see {@link Numbers}. */
export type RecordedInput =
  | Exclude<Input, { readonly type: "reply" | "failed" | "persisted" | "writeRefused" }>
  | {
      readonly type: "reply";
      readonly from: ReplicaId;
      /** The request itself if the core did not hand out this object: a chunk gets its bytes later. */
      readonly request: number | RaftRequest;
      readonly reply: RaftReply;
    }
  | { readonly type: "failed"; readonly to: ReplicaId; readonly request: number }
  | { readonly type: "persisted" | "writeRefused"; readonly batch: number }
  | { readonly type: "propose"; readonly data: Uint8Array; readonly proposed: Proposed };

/** Plain data, with bytes replaced by their length and checksum. */
export type Outline =
  | null
  | boolean
  | number
  | string
  | readonly Outline[]
  | { readonly [key: string]: Outline };
