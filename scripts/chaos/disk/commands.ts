import type { ErrnoName } from "./wire.ts";

/** A command to a disk. */
export type DiskCommand =
  /** Delays every sync; 0 ends that. */
  | { readonly type: "slow"; readonly syncDelayMs: number }
  /** Makes the `at`-th sync from now fail. */
  | { readonly type: "fail"; readonly error: ErrnoName; readonly at: number }
  /** Makes syncs hang until `release`. */
  | { readonly type: "hang" }
  | { readonly type: "release" }
  /** Limits the free space; undefined ends that. */
  | { readonly type: "limit"; readonly freeBytes: number | undefined }
  /** Drops what was not synced, or parts of it, as the seed determines. */
  | { readonly type: "losePower"; readonly seed: number }
  /** Makes everything durable. */
  | { readonly type: "settle" };
