import type {
  Persister,
  SnapshotSink,
  SnapshotSource,
  StorageIdentity,
  StorageUse,
} from "../../src/ports/index.ts";
import type { PersistedState, ReplicaId, SnapshotMeta, WriteBatch } from "../../src/raft/index.ts";
import {
  assertBytesLimit,
  assertNewer,
  assertSameUid,
  CallQueue,
  fromHex,
  LogContents,
  type TermRuns,
  uidToHex,
} from "../shared/index.ts";
import type { StoredSnapshot } from "./commit-record.ts";
import type { SqliteDatabase } from "./database.ts";
import type { Engine } from "./engine.ts";
import type { Identity } from "./identity.ts";
import type { Label } from "./label.ts";
import { LocalEngine } from "./local-engine.ts";
import { SqliteSink } from "./sqlite-sink.ts";
import { WorkerEngine } from "./worker-engine.ts";

/** Options of `sqlitePersister`. */
export interface SqlitePersisterOptions {
  /** The database file of one replica. Created with its directory if missing. */
  readonly file: string;
  /** Data of another cluster is refused. */
  readonly clusterId: string;
  /** Data of another replica is refused. */
  readonly replicaId: ReplicaId;
  /** Size of the log after which a snapshot is taken, in bytes. Default: 64 MiB. */
  readonly compactLogBytes?: number;
  /**
   * Opens the file with another binding; the persister owns the database then. SQLite runs on the caller's thread, and
   * each write and sync blocks it. Default: the runtime's SQLite on a separate thread.
   */
  readonly open?: (file: string) => Promise<SqliteDatabase>;
  /**
   * The script of SQLite's thread, `sqlite-worker.js`. Only needed if a bundler moved the file. Default: the one beside
   * this module.
   */
  readonly worker?: URL;
}

/**
 * A persister that keeps a replica's state in one SQLite database, with the newest acknowledged commit in a file beside
 * it. A batch is one transaction; both files are synced before it is acknowledged. SQLite runs on its own thread.
 *
 * @param options `file` belongs to one replica
 * @returns a persister that is not loaded yet; nothing is opened before `load`
 * @example
 * ```ts
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { replicaId } from "ruaft";
 * import { sqlitePersister } from "ruaft/adapters/bun-sqlite";
 *
 * const directory = await mkdtemp(join(tmpdir(), "example-"));
 * const options = { file: join(directory, "raft.db"), clusterId: "example", replicaId: replicaId("n1") };
 * const persister = sqlitePersister(options);
 * await persister.load();
 * await persister.write({ entries: [{ type: "command", index: 1, term: 1, data: Uint8Array.of(7) }] });
 * await persister[Symbol.asyncDispose]();
 * await rm(directory, { recursive: true });
 * ```
 */
export function sqlitePersister(options: SqlitePersisterOptions): Persister {
  const { open, worker } = options;
  return persisterOn(open ? new LocalEngine(open) : new WorkerEngine(worker?.href), options);
}

/** Creates a persister on an engine, which it owns then. */
export function persisterOn(
  engine: Engine,
  options: Omit<SqlitePersisterOptions, "open" | "worker">,
): Persister {
  return new SqlitePersister(engine, options);
}

/** The loaded state, updated with each change. */
interface Loaded {
  readonly termRuns: TermRuns;
  label: Label;
  snapshot: Omit<StoredSnapshot, "crc"> | undefined;
}

class SqlitePersister implements Persister {
  readonly #file: string;
  readonly #identity: Identity;
  readonly #engine: Engine;
  readonly #compactLogBytes: number;
  readonly #calls = new CallQueue();
  /** The number of readers by snapshot id. */
  readonly #readers = new Map<number, number>();
  #loadCalled = false;
  #loaded: Loaded | undefined;
  /** Bytes of log written since the start of the newest snapshot. */
  #liveBytes = 0;
  #isSweeping = false;

  constructor(engine: Engine, options: SqlitePersisterOptions) {
    const { file, clusterId, replicaId, compactLogBytes = 64 * 1024 * 1024 } = options;
    assertBytesLimit("compactLogBytes", compactLogBytes, 1);
    this.#file = file;
    this.#identity = { clusterId, replicaId };
    this.#engine = engine;
    this.#compactLogBytes = compactLogBytes;
  }

  load(): Promise<PersistedState> {
    return this.#calls.run(async () => {
      if (this.#loadCalled) throw new TypeError("load() was called before: call it only once");
      this.#loadCalled = true;
      const opening = () => this.#engine.open(this.#file, this.#identity);
      const { record, entries, label } = await this.#calls.orFail(`open ${this.#file}`, opening);
      const { hardState, snapshot, start } = record;
      const contents = new LogContents();
      contents.append(start, entries);
      if (snapshot) contents.cover(snapshot.meta);
      this.#loaded = { termRuns: contents.termRuns, label, snapshot };
      this.#liveBytes = bytesOf(contents.entries);
      this.#sweep();
      const { index: prevLogIndex, term: prevLogTerm } = contents.termRuns.prev;
      return { hardState, snapshot: snapshot?.meta, prevLogIndex, prevLogTerm, entries: contents.entries };
    });
  }

  identity(): StorageIdentity {
    const { clusterUid, ...use } = this.#mustBeLoaded().label;
    return { clusterUid: clusterUid === null ? undefined : fromHex(clusterUid), use };
  }

  bind(clusterUid: Uint8Array): Promise<void> {
    return this.#calls.run(async () => {
      const loaded = this.#mustBeLoaded();
      const uid = uidToHex(clusterUid);
      if (assertSameUid(loaded.label.clusterUid ?? undefined, uid)) return;
      await this.#calls.orFail(`bind ${this.#file} to its cluster`, () => this.#engine.bind(uid));
      loaded.label = { ...loaded.label, clusterUid: uid };
    });
  }

  retire(reason: string, { starts }: StorageUse): Promise<void> {
    return this.#calls.run(async () => {
      this.#mustBeLoaded();
      await this.#engine.retire(reason, starts);
    });
  }

  write(batch: WriteBatch): Promise<void> {
    return this.#calls.run(async () => {
      const { termRuns } = this.#mustBeLoaded();
      const { hardState, entries } = batch;
      const position = termRuns.positionOf(batch);
      await this.#calls.orFail(`write to ${this.#file}`, () =>
        this.#engine.write({ hardState, position, entries }),
      );
      termRuns.append(position, entries);
      this.#liveBytes += bytesOf(entries);
    });
  }

  createSnapshot(meta: SnapshotMeta): Promise<SnapshotSink> {
    return this.#calls.run(async () => {
      this.#mustBeLoaded();
      const bytesBefore = this.#liveBytes;
      const id = await this.#calls.orFail("begin a snapshot", () => this.#engine.beginSnapshot());
      return new SqliteSink(this.#calls, {
        write: (start, chunk) => this.#engine.writeChunk(id, start, chunk),
        drop: () => this.#drop(id),
        commit: (size) => this.#commit(id, meta, size, bytesBefore),
      });
    });
  }

  openSnapshot(): Promise<SnapshotSource | undefined> {
    return this.#calls.run(() => {
      const { snapshot } = this.#mustBeLoaded();
      if (!snapshot) return undefined;
      const { id, meta, size } = snapshot;
      this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
      let isOpen = true;
      return {
        meta,
        size,
        read: async (offset, length) => {
          this.#calls.assertOpen();
          return this.#engine.readSnapshot(id, Math.min(offset, size), Math.min(offset + length, size));
        },
        close: async () => {
          if (isOpen) await this.#readerClosed(id);
          isOpen = false;
        },
      };
    });
  }

  /**
   * Returns true once the log since the start of the newest snapshot reaches both `compactLogBytes` and the size of
   * that snapshot.
   */
  shouldCompactLogNow(): boolean {
    return (
      this.#loaded !== undefined &&
      this.#liveBytes >= Math.max(this.#compactLogBytes, this.#loaded.snapshot?.size ?? 0)
    );
  }

  /** The next load removes uncommitted data. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#calls.close(() => this.#engine.close());
  }

  async #commit(id: number, meta: SnapshotMeta, size: number, bytesBefore: number): Promise<void> {
    const loaded = this.#mustBeLoaded();
    const older = loaded.snapshot;
    assertNewer(meta, older?.meta);
    await this.#calls.orFail("commit a snapshot", () => this.#engine.commitSnapshot({ id, meta, size }));
    loaded.termRuns.cover(meta);
    loaded.snapshot = { id, meta, size };
    this.#liveBytes -= bytesBefore;
    if (older && !this.#readers.has(older.id)) await this.#drop(older.id);
    this.#sweep();
  }

  /** The last reader of a replaced snapshot deletes it. */
  async #readerClosed(id: number): Promise<void> {
    const left = (this.#readers.get(id) ?? 1) - 1;
    if (left > 0) return void this.#readers.set(id, left);
    this.#readers.delete(id);
    if (id === this.#loaded?.snapshot?.id) return;
    // After a failure or a dispose the next load deletes it.
    await this.#calls.run(() => this.#drop(id)).catch(() => {});
  }

  async #drop(id: number): Promise<void> {
    await this.#calls.orFail("remove a snapshot", () => this.#engine.dropSnapshot(id));
    this.#sweep();
  }

  /** Deletes obsolete data in small steps between other calls. */
  async #sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    const sweepOnce = () => this.#calls.orFail("remove what is no longer needed", () => this.#engine.sweep());
    try {
      while (await this.#calls.run(sweepOnce));
    } catch {
      // A failure shows at the next call. The next load continues the deletion.
    } finally {
      this.#isSweeping = false;
    }
  }

  #mustBeLoaded(): Loaded {
    if (!this.#loaded) throw new TypeError("call load() before anything else");
    return this.#loaded;
  }
}

function bytesOf(entries: readonly { readonly data: Uint8Array }[]): number {
  return entries.reduce((sum, { data }) => sum + data.length, 0);
}
