import type { Persister, SnapshotSink, SnapshotSource, StorageIdentity } from "../../src/ports/index.ts";
import type { LogEntry, PersistedState, ReplicaId, SnapshotMeta, WriteBatch } from "../../src/raft/index.ts";
import { assertBytesLimit, assertNewer, assertSameUid, CallQueue, uidToHex } from "../shared/index.ts";
import { memorySink } from "./memory-sink.ts";
import { MemoryStorage } from "./memory-storage.ts";

/** Options of `memoryPersister`. */
export interface MemoryPersisterOptions {
  /** Data of another cluster is refused. */
  readonly clusterId: string;
  /** Data of another replica is refused. */
  readonly replicaId: ReplicaId;
  /** Holds the contents. Default: a new, empty storage. */
  readonly storage?: MemoryStorage;
  /** Size of the log after which a snapshot is taken, in bytes. Default: 64 MiB. */
  readonly compactLogBytes?: number;
}

/**
 * A persister for tests, and for replicas that may lose all data when their process ends.
 *
 * @param options `storage` keeps the contents for the next persister
 * @throws RangeError if `compactLogBytes` is not allowed
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { memoryPersister } from "ruaft/adapters/memory";
 *
 * await using persister = memoryPersister({ clusterId: "example", replicaId: replicaId("n1") });
 * const { entries } = await persister.load();
 * console.log(entries.length); // 0
 * ```
 */
export function memoryPersister(options: MemoryPersisterOptions): Persister {
  return new MemoryPersister(options);
}

class MemoryPersister implements Persister {
  readonly #identity: string;
  readonly #storage: MemoryStorage;
  readonly #compactLogBytes: number;
  readonly #calls = new CallQueue();
  #loaded = false;

  constructor(options: MemoryPersisterOptions) {
    this.#identity = `replica ${options.replicaId} of cluster ${options.clusterId}`;
    this.#storage = options.storage ?? new MemoryStorage();
    this.#compactLogBytes = options.compactLogBytes ?? 64 * 1024 * 1024;
    assertBytesLimit("compactLogBytes", this.#compactLogBytes, 1);
  }

  load(): Promise<PersistedState> {
    return this.#calls.run(() => {
      if (this.#loaded) throw new TypeError("load() was called before: call it only once");
      this.#storage.take(this, this.#identity);
      this.#loaded = true;
      const { hardState, log, snapshot } = this.#storage;
      return {
        hardState,
        snapshot: snapshot?.meta,
        prevLogIndex: log.termRuns.prev.index,
        prevLogTerm: log.termRuns.prev.term,
        entries: [...log.entries],
      };
    });
  }

  /** The data ends with its process, so starts are not counted. */
  identity(): StorageIdentity {
    this.#assertLoaded();
    return { clusterUid: this.#storage.clusterUid, use: undefined };
  }

  bind(clusterUid: Uint8Array): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertLoaded();
      const { clusterUid: bound } = this.#storage;
      if (assertSameUid(bound && uidToHex(bound), uidToHex(clusterUid))) return;
      await this.#change("bind the storage to its cluster", () => {
        this.#storage.clusterUid = clusterUid.slice();
      });
    });
  }

  write(batch: WriteBatch): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertLoaded();
      const { log } = this.#storage;
      const position = log.termRuns.positionOf(batch);
      await this.#change("write to the storage", () => {
        const { entries, bytes } = copyEntries(batch.entries);
        log.append(position, entries);
        this.#storage.liveBytes += bytes;
        if (batch.hardState) this.#storage.hardState = { ...batch.hardState };
      });
    });
  }

  createSnapshot(meta: SnapshotMeta): Promise<SnapshotSink> {
    return this.#calls.run(() => {
      this.#assertLoaded();
      const bytesBefore = this.#storage.liveBytes;
      return memorySink(this.#calls, (bytes) => {
        assertNewer(meta, this.#storage.snapshot?.meta);
        return this.#change("commit a snapshot", () => {
          this.#storage.snapshot = { meta: { ...meta }, bytes };
          this.#storage.liveBytes -= bytesBefore;
          this.#storage.log.cover(meta);
        });
      });
    });
  }

  openSnapshot(): Promise<SnapshotSource | undefined> {
    return this.#calls.run(() => {
      this.#assertLoaded();
      const { snapshot } = this.#storage;
      if (!snapshot) return undefined;
      return {
        meta: snapshot.meta,
        size: snapshot.bytes.length,
        read: async (offset, length) => {
          this.#calls.assertOpen();
          return snapshot.bytes.slice(offset, offset + length);
        },
        close: async () => {},
      };
    });
  }

  /**
   * Returns true once the log since the start of the newest snapshot reaches both `compactLogBytes` and the size of
   * that snapshot.
   */
  shouldCompactLogNow(): boolean {
    const { liveBytes, snapshot } = this.#storage;
    return this.#loaded && liveBytes >= Math.max(this.#compactLogBytes, snapshot?.bytes.length ?? 0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#calls.close(async () => this.#storage.release(this));
  }

  #assertLoaded(): void {
    if (!this.#loaded) throw new TypeError("call load() before anything else");
  }

  #change(task: string, work: () => void): Promise<void> {
    return this.#calls.orFail(task, async () => {
      this.#storage.assertWritable(this);
      work();
    });
  }
}

/** Copies a batch into one buffer, so that the caller may reuse its bytes. */
function copyEntries(entries: readonly LogEntry[]): { entries: LogEntry[]; bytes: number } {
  const buffer = new Uint8Array(entries.reduce((sum, entry) => sum + entry.data.length, 0));
  let end = 0;
  const copies = entries.map((entry): LogEntry => {
    const start = end;
    end += entry.data.length;
    buffer.set(entry.data, start);
    return { ...entry, data: buffer.subarray(start, end) };
  });
  return { entries: copies, bytes: buffer.length };
}
