import type { ErrnoName } from "./wire.ts";

/** Makes the syncs of one replica fail. Every method gets the process, because some disks need it. */
export interface Disk extends AsyncDisposable {
  /** The directory of the files. */
  readonly directory: string;
  readonly kind: "fuse" | "plain";
  /** Whether its space can be limited without harm to others. */
  readonly canLimit: boolean;
  /** Delays every sync; 0 ends that. */
  slow(pid: number, syncDelayMs: number): Promise<void>;
  /** Makes the `at`-th sync from now fail. */
  fail(pid: number, error: ErrnoName, at: number): Promise<void>;
  /** Limits the free space in bytes; undefined ends that. Only if `canLimit`. */
  limit(freeBytes: number | undefined): Promise<void>;
  /** Makes syncs hang until `release`. Only `fuse`. */
  hang(): Promise<void>;
  release(): Promise<void>;
  /** Drops what was not synced, or parts of it. The process must be dead. Only `fuse`. */
  losePower(seed: number): Promise<void>;
  /** Makes everything durable. */
  settle(): Promise<void>;
}
