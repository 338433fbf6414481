import type { Persister, SnapshotSink, SnapshotSource } from "../../src/ports/index.ts";
import type { PersistedState, ReplicaId, SnapshotMeta, WriteBatch } from "../../src/raft/index.ts";
import { assertBytesLimit, assertNewer, CallOrder } from "../rules/index.ts";
import { openSqlite, type SqliteDatabase } from "./database.ts";
import { type OpenedDatabase, openDatabase } from "./open-database.ts";
import { startAt, writeBatch } from "./rows.ts";
import type { Identity } from "./schema.ts";
import {
  beginSnapshot,
  dropSnapshot,
  readChunks,
  type StoredSnapshot,
  sealSnapshot,
  writeChunk,
} from "./snapshot-table.ts";
import { SqliteSink } from "./sqlite-sink.ts";

export interface SqlitePersisterOptions {
  /** The database; made where it is missing, with its directory. One file, one replica. */
  readonly file: string;
  readonly clusterId: string;
  readonly replicaId: ReplicaId;
  /** All voters of the cluster; where given, data of other voters is refused. */
  readonly voters?: readonly ReplicaId[];
  /** How many bytes of log make a snapshot worth while; 64 MiB unless given. */
  readonly compactLogBytes?: number;
  /** Opens the file; with the runtime's own SQLite unless given. The database belongs to the persister from then on. */
  readonly open?: (file: string) => Promise<SqliteDatabase>;
}

/**
 * A persister that keeps a replica's state in one SQLite database: write-ahead log, a sync with every commit, a
 * transaction per batch. SQLite blocks: while it writes, the process does nothing else.
 */
export function sqlitePersister(options: SqlitePersisterOptions): Persister {
  return new SqlitePersister(options);
}

class SqlitePersister implements Persister {
  readonly #file: string;
  readonly #identity: Identity;
  readonly #open: (file: string) => Promise<SqliteDatabase>;
  readonly #compactLogBytes: number;
  readonly #calls = new CallOrder();
  /** How many readers each snapshot has. */
  readonly #readers = new Map<number, number>();
  #loadCalled = false;
  #database: OpenedDatabase | undefined;
  #snapshot: StoredSnapshot | undefined;
  /** Bytes of the log written since the newest snapshot was begun. */
  #liveBytes = 0;

  constructor(options: SqlitePersisterOptions) {
    const { file, clusterId, replicaId, voters, compactLogBytes = 64 * 1024 * 1024 } = options;
    assertBytesLimit("compactLogBytes", compactLogBytes, 1);
    this.#file = file;
    this.#identity = { clusterId, replicaId, voters };
    this.#open = options.open ?? openSqlite;
    this.#compactLogBytes = compactLogBytes;
  }

  load(): Promise<PersistedState> {
    return this.#calls.run(async () => {
      if (this.#loadCalled) throw new TypeError("load() was called before, and is called once");
      this.#loadCalled = true;
      const opening = () => openDatabase(this.#file, this.#identity, this.#open);
      const database = await this.#calls.orFail(`open ${this.#file}`, opening);
      this.#database = database;
      this.#snapshot = database.snapshot;
      this.#liveBytes = bytesOf(database.state.entries);
      return database.state;
    });
  }

  write(batch: WriteBatch): Promise<void> {
    return this.#calls.run(async () => {
      const { connection, outline } = this.#loaded();
      const position = outline.positionOf(batch);
      await this.#calls.orFail(`write to ${this.#file}`, async () => {
        connection.transaction(() => writeBatch(connection, outline, position, batch));
      });
      this.#liveBytes += bytesOf(batch.entries);
    });
  }

  createSnapshot(meta: SnapshotMeta): Promise<SnapshotSink> {
    return this.#calls.run(async () => {
      const { connection } = this.#loaded();
      const bytesBefore = this.#liveBytes;
      const id = await this.#calls.orFail("begin a snapshot", async () => beginSnapshot(connection, meta));
      return new SqliteSink(this.#calls, {
        write: (start, chunk) => writeChunk(connection, id, start, chunk),
        drop: () => dropSnapshot(connection, id),
        commit: (size) => this.#commit({ id, meta, size }, bytesBefore),
      });
    });
  }

  openSnapshot(): Promise<SnapshotSource | undefined> {
    return this.#calls.run(() => {
      const { connection } = this.#loaded();
      if (!this.#snapshot) return undefined;
      const { id, meta, size } = this.#snapshot;
      this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
      let isOpen = true;
      return {
        meta,
        size,
        read: async (offset, length) => {
          this.#calls.assertOpen();
          return readChunks(connection, id, Math.min(offset, size), Math.min(offset + length, size));
        },
        close: async () => {
          if (isOpen) await this.#readerClosed(id);
          isOpen = false;
        },
      };
    });
  }

  /** Once the log written since the newest snapshot was begun comes to `compactLogBytes` and to that snapshot's size. */
  shouldCompactLogNow(): boolean {
    return (
      this.#database !== undefined &&
      this.#liveBytes >= Math.max(this.#compactLogBytes, this.#snapshot?.size ?? 0)
    );
  }

  /** What was not committed goes with the next load. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#calls.close(async () => this.#database?.connection.close());
  }

  #commit(snapshot: StoredSnapshot, bytesBefore: number): Promise<void> {
    const { connection, outline } = this.#loaded();
    const older = this.#snapshot;
    assertNewer(snapshot.meta, older?.meta);
    return this.#calls.orFail("commit a snapshot", async () => {
      connection.transaction(() => {
        sealSnapshot(connection, snapshot.id, snapshot.size);
        const { prev } = outline;
        outline.cover(snapshot.meta);
        startAt(connection, prev, outline.prev);
      });
      this.#snapshot = snapshot;
      this.#liveBytes -= bytesBefore;
      if (older && !this.#readers.has(older.id)) dropSnapshot(connection, older.id);
    });
  }

  /** The last reader of a snapshot that was replaced takes it along. */
  async #readerClosed(id: number): Promise<void> {
    const left = (this.#readers.get(id) ?? 1) - 1;
    if (left > 0) return void this.#readers.set(id, left);
    this.#readers.delete(id);
    if (id === this.#snapshot?.id) return;
    const drop = async () => dropSnapshot(this.#loaded().connection, id);
    // Of a persister that failed or was disposed the next load removes it.
    await this.#calls.run(() => this.#calls.orFail("remove a snapshot", drop)).catch(() => {});
  }

  #loaded(): OpenedDatabase {
    if (!this.#database) throw new TypeError("load() comes before every other call");
    return this.#database;
  }
}

function bytesOf(entries: readonly { readonly data: Uint8Array }[]): number {
  return entries.reduce((sum, { data }) => sum + data.length, 0);
}
