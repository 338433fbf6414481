import type { LogEntry } from "../../src/raft/index.ts";
import type { CommitRecord } from "./commit-record.ts";
import type { Identity } from "./identity.ts";
import type { Label } from "./label.ts";
import type { SnapshotCommit, StoreBatch } from "./store.ts";

/** The contents of a store when it was opened. */
export interface StoredState {
  readonly record: CommitRecord;
  readonly entries: readonly LogEntry[];
  readonly label: Label;
}

/** A store as seen by its persister, on this thread or another. Calls take effect in order. */
export interface Engine {
  /** Called once, before all other calls. */
  open(file: string, identity: Identity): Promise<StoredState>;
  /** @param clusterUid in hexadecimal */
  bind(clusterUid: string): Promise<void>;
  /** @param starts the count of the newer copy that replaces this store */
  retire(reason: string, starts: number): Promise<void>;
  write(batch: StoreBatch): Promise<void>;
  /** @returns the id of the snapshot */
  beginSnapshot(): Promise<number>;
  /** The bytes may be reused once the promise resolves. */
  writeChunk(id: number, offset: number, chunk: Uint8Array): Promise<void>;
  commitSnapshot(commit: SnapshotCommit): Promise<void>;
  dropSnapshot(id: number): Promise<void>;
  readSnapshot(id: number, from: number, to: number): Promise<Uint8Array>;
  /** Deletes some obsolete data. @returns whether there may be more */
  sweep(): Promise<boolean>;
  /** Idempotent. Allowed before `open`. */
  close(): Promise<void>;
}
