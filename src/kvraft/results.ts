/**
 * Why there is no result. `noLeader`: no leader is known. `timeout`: the timeout or the signal ended the wait, although a
 * leader is known or no replica was tried. `overloaded`: the cluster accepts no more writes for now. `tooManySessions`: the
 * cluster accepts no more sessions. `sessionExpired`: the cluster has ended the clerk's session. `notCarried`: the value
 * exceeds the largest message.
 */
export type UnavailableReason =
  | "noLeader"
  | "timeout"
  | "overloaded"
  | "tooManySessions"
  | "sessionExpired"
  | "notCarried";

/**
 * The call ended without a result. `none`: nothing was written, because the call was a read or was never sent; `unknown`:
 * the write may have taken effect, or may take effect later.
 */
export interface Unavailable {
  readonly type: "unavailable";
  /** Whether the write may take effect. */
  readonly outcome: "none" | "unknown";
  /** Why there is no result. */
  readonly reason: UnavailableReason;
}

/** The result of a read. */
export type ReadResult =
  /** `value` is undefined and `revision` 0 if there is no such key. Treat the bytes as read-only. */
  | { readonly type: "value"; readonly value: Uint8Array | undefined; readonly revision: number }
  /** The value exceeds the largest message, so it can be read only at the leader. */
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  | Unavailable;

/** The result of `Clerk.register`. */
export type RegisterResult =
  | { readonly type: "written"; readonly revision: number }
  /** Nothing was written: the present value has this revision, 0 if there is none, and not the expected one. */
  | { readonly type: "conflict"; readonly revision: number }
  /** Nothing was written: the registry has 4,096 names, and this is another one. */
  | { readonly type: "registryFull" }
  | Unavailable;

/** The result of a write. */
export type WriteResult =
  | { readonly type: "written"; readonly revision: number }
  /** Nothing was written, and nothing will be. */
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  | Unavailable;
