import type { Disk, DiskFile } from "../../../ports/index.ts";
import { PersisterError } from "../../../ports/index.ts";
import type { Host, RandomStream, Scheduler, Trace } from "../world/index.ts";
import type { FileContent } from "./file-content.ts";
import { Platter } from "./platter.ts";

/** The speed of a disk. Times are in microseconds, probabilities in thousandths. */
export interface DiskClass {
  /** Range of the time of a write, in microseconds. */
  readonly writeUs: readonly [min: number, max: number];
  /** Range of the time of a sync, in microseconds. */
  readonly syncUs: readonly [min: number, max: number];
  /** Syncs that take longer, per thousand. */
  readonly slowPermille: number;
  /** Longest extra time of such a sync, in microseconds. */
  readonly slowUs: number;
  /** Throughput of syncs in bytes per second. Default: unlimited. */
  readonly bytesPerSecond?: number;
}

/** The part of its data that a failed sync has stored. */
export type SyncLoss = "kept" | "dropped" | "partly";

/** Called as soon as something has become durable. */
export interface DurabilityWatch {
  synced(path: string, content: FileContent): void;
  namesSynced(): void;
}

/** The faults of the next operations. */
interface Trouble {
  syncFailure: SyncLoss | undefined;
  capacityBytes: number;
  stalledUntilUs: number;
  /**
   * Duration of every sync instead of the class's, as on a card that collects garbage. Undefined: that of the class.
   */
  syncUs: readonly [min: number, max: number] | undefined;
  /** Operations until the machine loses power, counted down. */
  operationsLeft: number;
}

/** The disk of one machine. It outlives the processes that use it, and loses what they did not sync. */
export class SimulatedDisk {
  readonly platter: Platter;
  readonly trouble: Trouble = {
    syncFailure: undefined,
    capacityBytes: Number.POSITIVE_INFINITY,
    stalledUntilUs: 0,
    syncUs: undefined,
    operationsLeft: Number.POSITIVE_INFINITY,
  };
  readonly #machine: number;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #random: RandomStream;
  #class: DiskClass;
  readonly #watch: DurabilityWatch;
  /** Ends the process between two operations. */
  readonly #out: () => void;
  /** When the last running operation returns, in microseconds. */
  busyUntilUs = 0;
  /** The duration of the slowest sync so far, in microseconds. */
  slowestSyncUs = 0;
  /** Bytes written but not synced. */
  #dirtyBytes = 0;
  /** Whether an operation was made to fail in the current run of the process. */
  hasFailed = false;

  constructor(options: {
    readonly machine: number;
    readonly scheduler: Scheduler;
    readonly trace: Trace;
    readonly random: RandomStream;
    readonly diskClass: DiskClass;
    /** Default: an empty disk. */
    readonly platter?: Platter;
    readonly watch: DurabilityWatch;
    readonly diesBetweenOperations: () => void;
  }) {
    this.#machine = options.machine;
    this.#scheduler = options.scheduler;
    this.#trace = options.trace;
    this.#random = options.random;
    this.#class = options.diskClass;
    this.platter = options.platter ?? new Platter();
    this.#watch = options.watch;
    this.#out = options.diesBetweenOperations;
  }

  /** Returns the disk as one process sees it. None of its operations end after the process has. */
  of(host: Host): Disk {
    const { platter } = this;
    let locked = false;
    return {
      makeDirectory: async () => {},
      list: (path) =>
        this.#do(host, () => {
          const inside = [...platter.names.keys()].filter((name) => name.startsWith(`${path}/`));
          return inside.map((name) => name.slice(path.length + 1));
        }),
      open: (path, { create }) =>
        this.#do(host, () => {
          const known = platter.names.get(path);
          return this.#file(host, path, known ?? (create ? platter.create(path) : platter.get(path)));
        }),
      rename: (from, to) => this.#do(host, () => platter.rename(from, to)),
      unlink: (path) => this.#do(host, () => platter.unlink(path)),
      // Infinite, so that space runs out in the middle of a write.
      freeBytes: async () => Number.POSITIVE_INFINITY,
      syncDirectory: () =>
        this.#later(host, this.#syncUs(), () => {
          platter.syncNames();
          this.#trace.record("sync", this.#machine, [1]);
          this.#watch.namesSynced();
        }),
      lock: async (path) => {
        if (locked) throw new PersisterError("locked", `${path} is in use`);
        locked = true;
        return {
          [Symbol.asyncDispose]: async () => {
            locked = false;
          },
        };
      },
    };
  }

  /** Changes the class of the disk. */
  become(diskClass: DiskClass): void {
    this.#class = diskClass;
  }

  /** Ends all faults. */
  heal(): void {
    this.trouble.syncFailure = undefined;
    this.trouble.capacityBytes = Number.POSITIVE_INFINITY;
    this.trouble.stalledUntilUs = 0;
    this.trouble.syncUs = undefined;
    this.trouble.operationsLeft = Number.POSITIVE_INFINITY;
  }

  /** Whether it has a fault besides being slow. */
  get isInTrouble(): boolean {
    const { syncFailure, capacityBytes, stalledUntilUs, operationsLeft } = this.trouble;
    const isWhole =
      syncFailure === undefined &&
      capacityBytes === Number.POSITIVE_INFINITY &&
      operationsLeft === Number.POSITIVE_INFINITY;
    return !isWhole || stalledUntilUs > this.#scheduler.nowUs;
  }

  userEnded(): void {
    this.trouble.operationsLeft = Number.POSITIVE_INFINITY;
    this.hasFailed = false;
  }

  losePower(): void {
    const stored = () => this.#random.chance(500);
    this.platter.losePower(stored);
    this.#watch.namesSynced();
  }

  #file(host: Host, path: string, content: FileContent): DiskFile {
    const file: DiskFile = {
      size: async () => content.size,
      readAt: (offset, length) => this.#do(host, () => content.read(offset, length)),
      writeAt: (offset, bytes) => this.#do(host, () => this.#write(content, offset, bytes)),
      // Two operations: a crash between them leaves bytes that are written but not durable.
      writeDurably: async (offset, bytes) => {
        await file.writeAt(offset, bytes);
        await file.datasync();
      },
      truncate: (size) => this.#do(host, () => content.truncate(size)),
      datasync: () => this.#later(host, this.#syncUs(), () => this.#sync(path, content)),
      close: async () => {},
    };
    return file;
  }

  #write(content: FileContent, offset: number, bytes: Uint8Array): void {
    this.#trace.record("write", this.#machine, [offset, bytes.length]);
    this.#dirtyBytes += bytes.length;
    const growth = Math.max(0, offset + bytes.length - content.size);
    const freeBytes = this.trouble.capacityBytes - this.platter.usedBytes;
    if (growth <= freeBytes || growth === 0) return content.write(offset, bytes);
    // A full disk stores what still fits.
    content.write(offset, bytes.slice(0, Math.max(0, bytes.length - growth + Math.max(0, freeBytes))));
    this.hasFailed = true;
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  }

  #sync(path: string, content: FileContent): void {
    const { syncFailure } = this.trouble;
    this.#trace.record("sync", this.#machine, [0, syncFailure === undefined ? 0 : 1]);
    if (syncFailure === undefined) {
      content.sync();
      return this.#watch.synced(path, content);
    }
    this.trouble.syncFailure = undefined;
    content.failSync(() => syncFailure === "kept" || (syncFailure === "partly" && this.#random.chance(500)));
    this.#watch.synced(path, content);
    this.hasFailed = true;
    throw Object.assign(new Error("EIO: input/output error"), { code: "EIO" });
  }

  /** Runs an operation whose effect is immediate and which returns later. */
  #do<T>(host: Host, work: () => T): Promise<T> {
    return this.#later(host, this.#between(this.#class.writeUs), work);
  }

  #later<T>(host: Host, delayUs: number, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const { nowUs } = this.#scheduler;
      const stallUs = Math.max(0, this.trouble.stalledUntilUs - nowUs);
      this.busyUntilUs = Math.max(this.busyUntilUs, nowUs + stallUs + delayUs);
      this.#scheduler.after(stallUs + delayUs, host, () => {
        if (--this.trouble.operationsLeft < 0) {
          this.trouble.operationsLeft = Number.POSITIVE_INFINITY;
          return this.#out();
        }
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #syncUs(): number {
    const { slowPermille, slowUs, syncUs, bytesPerSecond } = this.#class;
    const slow = this.#random.chance(slowPermille) ? this.#random.below(slowUs) : 0;
    const transferUs = bytesPerSecond === undefined ? 0 : (this.#dirtyBytes * 1_000_000) / bytesPerSecond;
    this.#dirtyBytes = 0;
    const takesUs = this.#between(this.trouble.syncUs ?? syncUs) + slow + Math.ceil(transferUs);
    this.slowestSyncUs = Math.max(this.slowestSyncUs, takesUs);
    return takesUs;
  }

  #between([min, max]: readonly [number, number]): number {
    return this.#random.between(min, max);
  }
}
