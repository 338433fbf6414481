import type { ErrnoName } from "./wire.ts";

/** How the syncs of one replica go wrong. Each is told the process, and may need it. */
export interface Disk extends AsyncDisposable {
  /** Where files are. */
  readonly directory: string;
  readonly kind: "fuse" | "plain";
  /** Whether there is nothing else on it that would miss the room. */
  readonly canLimit: boolean;
  /** Every sync takes so much longer; 0 ends that. */
  slow(pid: number, syncDelayMs: number): Promise<void>;
  /** The sync that comes `at`-th from now fails. */
  fail(pid: number, error: ErrnoName, at: number): Promise<void>;
  /** No more room but for so many bytes; undefined ends that. Only if `canLimit`. */
  limit(freeBytes: number | undefined): Promise<void>;
  /** No sync returns until `release`. Only `fuse`. */
  hang(): Promise<void>;
  release(): Promise<void>;
  /** What was not synced is lost, or survives in part. The process must be dead. Only `fuse`. */
  losePower(seed: number): Promise<void>;
  /** What is there survives a loss of power from now on. */
  settle(): Promise<void>;
}
