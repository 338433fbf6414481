import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { URL as WorkerUrl } from "node:url";
import { Worker } from "node:worker_threads";
import { openSqlite, sqlitePersister } from "../../adapters/bun-sqlite/index.ts";
import { persisterOn } from "../../adapters/bun-sqlite/sqlite-persister.ts";
import { WorkerEngine } from "../../adapters/bun-sqlite/worker-engine.ts";
import type { EngineReply } from "../../adapters/bun-sqlite/worker-messages.ts";
import { filePersister, nodeDisk } from "../../adapters/file/index.ts";
import { frameAt } from "../../adapters/file/record.ts";
import { decodeSegmentHeader, segmentHeaderBytes } from "../../adapters/file/segment-header.ts";
import { MemoryStorage, memoryPersister } from "../../adapters/memory/index.ts";
import type { Disk } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { runtimeName } from "../../src/runtime/index.ts";
import type { PersisterFixture, StoredLogFixture } from "../../src/testing/conformance/persister/index.ts";
import type { DatabaseFixture } from "../adapters/bun-sqlite/database-cases.ts";
import { MortalDatabase } from "../adapters/bun-sqlite/mortal-database.ts";
import type { Fate } from "../adapters/bun-sqlite/mortal-worker.ts";
import { CrashDisk } from "../adapters/file/crash-disk.ts";
import { MortalDisk } from "../adapters/file/mortal-disk.ts";

const owner = { clusterId: "c1", replicaId: replicaId("n1") };
const compactLogBytes = 16 * 1024;

export async function memoryFixture(): Promise<PersisterFixture> {
  const storage = new MemoryStorage();
  return {
    compactLogBytes,
    open: (other) => memoryPersister({ ...owner, ...other, storage, compactLogBytes }),
    crash: async () => storage.crash(),
    failNextWrite: (error) => storage.failNextWrite(error),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The file persister with small segments, so that every case crosses from one to the next. */
export async function simulatedFileFixture(): Promise<StoredLogFixture> {
  const fixture = await fileFixture(new CrashDisk(), "/data", 4096);
  // Without a real disk the code is the same on every runtime: Node flips every bit.
  return runtimeName === "node" ? fixture : { ...fixture, flipEvery: 13 };
}

/** The file persister on the machine's own file system. */
export function realFileFixture(): Promise<StoredLogFixture> {
  return onFileSystem(64 * 1024);
}

/**
 * The same for damaged logs. All bits are flipped on the simulated disk. Here each flip costs some ms, on every runtime:
 * each has its own file system calls, and the code that judges the bytes is the same.
 */
export async function realLogFixture(): Promise<StoredLogFixture> {
  return { ...(await onFileSystem(4096)), flipEvery: runtimeName === "node" ? 13 : 101 };
}

async function onFileSystem(segmentBytes: number): Promise<StoredLogFixture> {
  const parent = await mkdtemp(join(tmpdir(), "ruaft-"));
  const fixture = await fileFixture(nodeDisk(), join(parent, "data"), segmentBytes);
  return {
    ...fixture,
    [Symbol.asyncDispose]: async () => {
      await fixture[Symbol.asyncDispose]();
      await rm(parent, { recursive: true });
    },
  };
}

/** The SQLite persister, with the SQLite of this runtime. */
export async function sqliteFixture(): Promise<DatabaseFixture> {
  const parent = await mkdtemp(join(tmpdir(), "ruaft-"));
  const file = join(parent, "replica.sqlite");
  const opened = new Set<MortalDatabase>();
  let failure: Error | undefined;
  const open = async (path: string) => {
    const database = new MortalDatabase(await openSqlite(path), () => {
      const error = failure;
      failure = undefined;
      if (error) throw error;
    });
    opened.add(database);
    return database;
  };
  const crash = async () => {
    for (const database of opened) database.kill();
    opened.clear();
  };
  return {
    file,
    databases: opened,
    compactLogBytes,
    open: (other) => sqlitePersister({ ...owner, ...other, file, compactLogBytes, open }),
    crash,
    failNextWrite: (error) => {
      failure = error;
    },
    [Symbol.asyncDispose]: async () => {
      await crash();
      await rm(parent, { recursive: true });
    },
  };
}

/** The SQLite persister on its own thread, as everybody uses it. */
export async function sqliteWorkerFixture(): Promise<PersisterFixture> {
  const parent = await mkdtemp(join(tmpdir(), "ruaft-"));
  const file = join(parent, "replica.sqlite");
  const workers = new Set<Worker>();
  const start = (url: WorkerUrl) => {
    const worker = new Worker(url);
    workers.add(worker);
    worker.once("exit", () => workers.delete(worker));
    return worker;
  };
  const workerFile = new URL("../adapters/bun-sqlite/mortal-worker.ts", import.meta.url).href;
  const tell = (worker: Worker | undefined, fate: Fate) => worker?.postMessage(fate);
  const crash = async () => {
    for (const worker of workers) {
      const killed = new Promise<void>((resolve) => {
        worker.on("message", ({ number }: EngineReply) => number === 0 && resolve());
      });
      const ended = once(worker, "exit");
      worker.ref();
      tell(worker, { fate: "kill" });
      await Promise.race([killed, ended]);
      await worker.terminate();
    }
    workers.clear();
  };
  return {
    compactLogBytes,
    open: (other) =>
      persisterOn(new WorkerEngine(workerFile, start), { ...owner, ...other, file, compactLogBytes }),
    crash,
    failNextWrite: ({ message }) => tell([...workers].at(-1), { fate: "fail", message }),
    [Symbol.asyncDispose]: async () => {
      await crash();
      await rm(parent, { recursive: true });
    },
  };
}

async function fileFixture(disk: Disk, directory: string, segmentBytes: number): Promise<StoredLogFixture> {
  let process = new MortalDisk(disk);
  const openLog = async () => {
    const names = await disk.list(directory);
    const newest = names.filter((name) => name.endsWith(".log")).sort();
    return disk.open(`${directory}/${newest.at(-1)}`, { create: false });
  };
  return {
    compactLogBytes,
    open: (other) =>
      filePersister({ ...owner, ...other, disk: process, directory, segmentBytes, compactLogBytes }),
    crash: async () => {
      await process.kill();
      process = new MortalDisk(disk);
    },
    failNextWrite: (error) => process.fail("writeAt", error),
    readLog: async () => {
      const file = await openLog();
      const bytes = await file.readAt(0, await file.size());
      await file.close();
      return bytes;
    },
    replaceLog: async (bytes) => {
      const file = await openLog();
      await file.truncate(bytes.length);
      await file.writeAt(0, bytes);
      await file.close();
    },
    recordEnds: (log) => {
      const ends: number[] = [];
      const seed = decodeSegmentHeader(log)?.seed ?? 0;
      for (let start = segmentHeaderBytes; ; start = ends.at(-1) ?? start) {
        const frame = frameAt(log, start, seed);
        if (!frame) return ends;
        ends.push(frame.end);
      }
    },
    blankFrom: (log, start) => {
      const blanked = log.slice();
      const word = start - (start % 4);
      const blank = decodeSegmentHeader(log)?.blank.bytes(word, log.length);
      if (blank) blanked.set(blank.subarray(start - word), start);
      return blanked;
    },
    [Symbol.asyncDispose]: () => process.kill(),
  };
}
