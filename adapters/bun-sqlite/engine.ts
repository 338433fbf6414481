import type { LogEntry } from "../../src/raft/index.ts";
import type { CommitRecord } from "./commit-record.ts";
import type { Identity } from "./identity.ts";
import type { Label } from "./label.ts";
import type { SnapshotCommit, StoreBatch } from "./store.ts";

/** What a store held when it was opened. */
export interface StoredState {
  readonly record: CommitRecord;
  readonly entries: readonly LogEntry[];
  readonly label: Label;
}

/** A store as its persister sees it: on this thread or on one of its own. Calls take effect in order. */
export interface Engine {
  /** Called once, before anything else. */
  open(file: string, identity: Identity): Promise<StoredState>;
  /** @param clusterUid as hexadecimal digits */
  bind(clusterUid: string): Promise<void>;
  /** @param starts the count of the copy that this store gives way to */
  retire(reason: string, starts: number): Promise<void>;
  write(batch: StoreBatch): Promise<void>;
  /** @returns the id of the snapshot */
  beginSnapshot(): Promise<number>;
  /** The bytes may be reused once the promise resolves. */
  writeChunk(id: number, offset: number, chunk: Uint8Array): Promise<void>;
  commitSnapshot(commit: SnapshotCommit): Promise<void>;
  dropSnapshot(id: number): Promise<void>;
  readSnapshot(id: number, from: number, to: number): Promise<Uint8Array>;
  /** Deletes a little of what is no longer needed. @returns whether there may be more */
  sweep(): Promise<boolean>;
  /** Idempotent, and harmless before `open`. */
  close(): Promise<void>;
}
