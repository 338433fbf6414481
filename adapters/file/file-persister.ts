import {
  type Disk,
  type Logger,
  type Persister,
  type Random,
  type SnapshotSink,
  type SnapshotSource,
  type StorageIdentity,
  type StorageUse,
  silentLogger,
} from "../../src/ports/index.ts";
import type { PersistedState, ReplicaId, SnapshotMeta, WriteBatch } from "../../src/raft/index.ts";
import {
  assertBytesLimit,
  assertNewer,
  assertSameUid,
  CallQueue,
  fromHex,
  uidToHex,
} from "../shared/index.ts";
import { FileSink } from "./file-sink.ts";
import { writeIdentity } from "./meta-file.ts";
import { nodeDisk } from "./node-disk.ts";
import {
  type DirectoryOptions,
  type OpenedDirectory,
  openDirectory,
  type StoredSnapshot,
} from "./open-directory.ts";
import { orFull } from "./shortage.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import { writeOutdated, writeStarts } from "./starts.ts";

/** Options of `filePersister`. */
export interface FilePersisterOptions {
  /** The directory of one replica. Created if missing. */
  readonly directory: string;
  /** Data of another cluster is refused. */
  readonly clusterId: string;
  /** Data of another replica is refused. */
  readonly replicaId: ReplicaId;
  /** Default: the machine's file system. */
  readonly disk?: Disk;
  /** Draws the keys of the log's blank space. Default: the system's cryptographic source. */
  readonly random?: Random;
  /** Size of a log file in bytes; each is filled with blank space before use. Default: 16 MiB. */
  readonly segmentBytes?: number;
  /** Size of the log after which a snapshot is taken, in bytes. Default: 64 MiB. */
  readonly compactLogBytes?: number;
  /** Logs torn records that are cut off, and a full disk. Default: none. */
  readonly logger?: Logger;
}

/**
 * A persister that keeps a replica's state in a directory: a write-ahead log and the newest snapshot.
 *
 * @param options `directory` belongs to one replica
 * @returns a persister that is not loaded yet; nothing is opened before `load`
 * @throws RangeError if a size is not allowed
 * @example
 * ```ts
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { replicaId } from "ruaft";
 * import { filePersister } from "ruaft/adapters/file";
 *
 * const directory = await mkdtemp(join(tmpdir(), "example-"));
 * const options = { directory, clusterId: "example", replicaId: replicaId("n1"), segmentBytes: 1 << 16 };
 * const before = filePersister(options);
 * await before.load();
 * await before.write({ entries: [{ type: "command", index: 1, term: 1, data: Uint8Array.of(7) }] });
 * await before[Symbol.asyncDispose]();
 *
 * await using after = filePersister(options);
 * const { entries } = await after.load();
 * console.log(entries.length); // 1
 * await rm(directory, { recursive: true });
 * ```
 */
export function filePersister(options: FilePersisterOptions): Persister {
  return new FilePersister(options);
}

const mebibyte = 1024 * 1024;

class FilePersister implements Persister {
  readonly #options: DirectoryOptions;
  readonly #compactLogBytes: number;
  readonly #calls = new CallQueue();
  readonly #sinks = new Set<FileSink>();
  readonly #sources = new Set<SnapshotSource>();
  #loadCalled = false;
  #directory: OpenedDirectory | undefined;
  #snapshot: StoredSnapshot | undefined;
  #clusterUid: string | undefined;
  /** Bytes that the log had written when the newest snapshot began. */
  #bytesBeforeSnapshot = 0;

  constructor(options: FilePersisterOptions) {
    const { directory, clusterId, replicaId } = options;
    const { disk = nodeDisk(), random = secretRandom, logger = silentLogger } = options;
    const { segmentBytes = 16 * mebibyte, compactLogBytes = 64 * mebibyte } = options;
    assertBytesLimit("segmentBytes", segmentBytes, 256);
    assertBytesLimit("compactLogBytes", compactLogBytes, 1);
    this.#options = {
      directory,
      clusterId,
      replicaId,
      disk,
      random,
      segmentBytes,
      logger,
    };
    this.#compactLogBytes = compactLogBytes;
  }

  load(): Promise<PersistedState> {
    return this.#calls.run(async () => {
      if (this.#loadCalled) throw new TypeError("load() was called before: call it only once");
      this.#loadCalled = true;
      const task = `open ${this.#options.directory}`;
      const directory = await this.#calls.orFail(task, () =>
        orFull(task, () => openDirectory(this.#options)),
      );
      this.#directory = directory;
      this.#snapshot = directory.snapshot;
      this.#clusterUid = directory.clusterUid;
      return directory.state;
    });
  }

  identity(): StorageIdentity {
    const clusterUid = this.#clusterUid === undefined ? undefined : fromHex(this.#clusterUid);
    return { clusterUid, use: this.#loaded().starts };
  }

  bind(clusterUid: Uint8Array): Promise<void> {
    return this.#calls.run(async () => {
      const { folder } = this.#loaded();
      const uid = uidToHex(clusterUid);
      if (assertSameUid(this.#clusterUid, uid)) return;
      const task = `bind ${this.#options.directory} to its cluster`;
      await this.#calls.orFail(task, () => orFull(task, () => writeIdentity(folder, this.#options, uid)));
      this.#clusterUid = uid;
    });
  }

  retire(reason: string, newer: StorageUse): Promise<void> {
    return this.#calls.run(async () => {
      const { folder, starts } = this.#loaded();
      // The mark is written first: if only the count were written, the next process on this directory would be the
      // newest.
      await writeOutdated(folder, reason);
      // An operator who removes the mark chooses this directory, so its next process must be the newest.
      await writeStarts(folder, { ...starts, starts: Math.max(starts.starts, newer.starts) });
    });
  }

  write(batch: WriteBatch): Promise<void> {
    return this.#calls.run(async () => {
      const { log } = this.#loaded();
      const position = log.termRuns.positionOf(batch);
      await this.#calls.orFail(`write to ${this.#options.directory}`, () => log.append(batch, position));
    });
  }

  createSnapshot(meta: SnapshotMeta): Promise<SnapshotSink> {
    return this.#calls.run(async () => {
      const { folder, log } = this.#loaded();
      const bytesBefore = log.writtenBytes;
      const sink = await this.#calls.orFail("begin a snapshot", async () => {
        const temporary = await orFull("begin a snapshot", () => folder.createTemporary("snapshot"));
        return new FileSink(
          { calls: this.#calls, folder, temporary, meta },
          {
            releaseSpace: () => log.releaseSpare(),
            assertCommittable: () => assertNewer(meta, this.#snapshot?.meta),
            committed: (snapshot) => this.#committed(snapshot, bytesBefore),
            ended: () => this.#sinks.delete(sink),
          },
        );
      });
      this.#sinks.add(sink);
      return sink;
    });
  }

  openSnapshot(): Promise<SnapshotSource | undefined> {
    return this.#calls.run(async () => {
      const { folder } = this.#loaded();
      if (!this.#snapshot) return undefined;
      const reader = await SnapshotReader.open(folder, this.#snapshot.name);
      const source: SnapshotSource = {
        meta: reader.meta,
        size: reader.size,
        read: async (offset, length) => {
          this.#calls.assertOpen();
          return reader.read(offset, length);
        },
        close: async () => {
          if (this.#sources.delete(source)) await reader.close();
        },
      };
      this.#sources.add(source);
      return source;
    });
  }

  /**
   * Returns true once the log since the start of the newest snapshot reaches both `compactLogBytes` and the size of
   * that snapshot.
   */
  shouldCompactLogNow(): boolean {
    if (!this.#directory) return false;
    const liveBytes = this.#directory.log.writtenBytes - this.#bytesBeforeSnapshot;
    return liveBytes >= Math.max(this.#compactLogBytes, this.#snapshot?.size ?? 0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#calls.close(async (healthy) => {
      if (!this.#directory) return;
      const { log, lock } = this.#directory;
      // If a temporary file cannot be removed now, the next load removes it.
      await Promise.allSettled([...this.#sources].map((source) => source.close()));
      await Promise.allSettled([...this.#sinks].map((sink) => sink.discard()));
      try {
        await this.#calls.orFail("close the log", () => log.close(healthy));
      } finally {
        await lock[Symbol.asyncDispose]();
      }
    });
  }

  /** The snapshot is durable, so the files it replaces can be deleted. */
  async #committed(snapshot: StoredSnapshot, bytesBefore: number): Promise<void> {
    const { folder, log } = this.#loaded();
    const older = this.#snapshot;
    this.#snapshot = snapshot;
    this.#bytesBeforeSnapshot = bytesBefore;
    log.termRuns.cover(snapshot.meta);
    if (older) await folder.remove(older.name);
    await log.dropCovered(snapshot.meta.lastIncludedIndex);
  }

  #loaded(): OpenedDirectory {
    if (!this.#directory) throw new TypeError("call load() before anything else");
    return this.#directory;
  }
}

function secretRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}
