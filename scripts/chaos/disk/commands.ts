import type { ErrnoName } from "./wire.ts";

/** What a disk is told. */
export type DiskCommand =
  /** Every sync takes so much longer; 0 ends that. */
  | { readonly type: "slow"; readonly syncDelayMs: number }
  /** The sync that comes `at`-th from now fails. */
  | { readonly type: "fail"; readonly error: ErrnoName; readonly at: number }
  /** No sync returns until `release`. */
  | { readonly type: "hang" }
  | { readonly type: "release" }
  /** So much room is left; undefined: as much as is wanted. */
  | { readonly type: "limit"; readonly freeBytes: number | undefined }
  /** What was not synced is lost, or survives in part, as the seed says. */
  | { readonly type: "losePower"; readonly seed: number }
  /** What is there is made durable. */
  | { readonly type: "settle" };
