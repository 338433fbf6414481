/**
 * Why there is no answer. `noLeader`: no leader is known. `timeout`: one is, or no replica could be asked, and the time
 * was up or the signal ended the wait. `overloaded`: the cluster takes on no more. `tooManySessions`: the cluster takes
 * no other writer on. `sessionExpired`: the cluster ended the session of the write, which is the clerk's. `notCarried`:
 * no message carries the value any more.
 */
export type UnavailableReason =
  | "noLeader"
  | "timeout"
  | "overloaded"
  | "tooManySessions"
  | "sessionExpired"
  | "notCarried";

/**
 * The wait ended without an answer. `none`: nothing was written, because it was a read or never sent; `unknown`: it may
 * have been, or may be yet.
 */
export interface Unavailable {
  readonly type: "unavailable";
  readonly outcome: "none" | "unknown";
  readonly reason: UnavailableReason;
}

/** The result of a read. */
export type ReadResult =
  /** `value` is undefined and `revision` 0 if there is no such key. Treat the bytes as read-only. */
  | { readonly type: "value"; readonly value: Uint8Array | undefined; readonly revision: number }
  /** The transport carries no value as large: it can be read at the leader alone. */
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  | Unavailable;

/** The result of a write. */
export type WriteResult =
  | { readonly type: "written"; readonly revision: number }
  /** Nothing was written, and nothing will be. */
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  | Unavailable;
