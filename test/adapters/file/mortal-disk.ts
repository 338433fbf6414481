import type { Disk, DiskFile } from "../../../src/ports/index.ts";

type Operation = Exclude<keyof Disk | keyof DiskFile, "lock" | "freeBytes">;

/** A disk whose user can be killed between any two operations, and whose operations can be made to fail. */
export class MortalDisk implements Disk {
  /** Number of operations begun. */
  operations = 0;
  readonly #disk: Disk;
  #diesAfter: number;
  readonly #failures = new Map<Operation, { error: Error; times: number }>();
  readonly #open = new Set<DiskFile>();
  readonly #locks = new Set<AsyncDisposable>();
  #inFlight = new Set<Promise<unknown>>();
  #dead = false;

  /** @param diesAfter how many operations are carried out; from then on all fail */
  constructor(disk: Disk, diesAfter: number = Number.POSITIVE_INFINITY) {
    this.#disk = disk;
    this.#diesAfter = diesAfter;
  }

  /** Every operation after this number of further ones fails. */
  dieAfter(operations: number): void {
    this.#diesAfter = this.operations + operations;
  }

  /** The next operations of a kind fail. Default: one. */
  fail(operation: Operation, error: Error, times = 1): void {
    this.#failures.set(operation, { error, times });
  }

  /** Number of open files. */
  get openFiles(): number {
    return this.#open.size;
  }

  /** The user's process ends: the system closes its files and releases its locks. */
  async kill(): Promise<void> {
    this.#dead = true;
    await Promise.allSettled(this.#inFlight);
    for (const file of this.#open) await file.close();
    for (const lock of this.#locks) await lock[Symbol.asyncDispose]();
    this.#open.clear();
    this.#locks.clear();
  }

  makeDirectory(path: string): Promise<void> {
    return this.#do("makeDirectory", () => this.#disk.makeDirectory(path));
  }

  list(path: string): Promise<string[]> {
    return this.#do("list", () => this.#disk.list(path));
  }

  async open(path: string, options: { readonly create: boolean }): Promise<DiskFile> {
    return this.#do("open", async () => {
      const file = await this.#disk.open(path, options);
      this.#open.add(file);
      return this.#guarded(file);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#do("rename", () => this.#disk.rename(from, to));
  }

  unlink(path: string): Promise<void> {
    return this.#do("unlink", () => this.#disk.unlink(path));
  }

  freeBytes(path: string): Promise<number> {
    return this.#disk.freeBytes(path);
  }

  syncDirectory(path: string): Promise<void> {
    return this.#do("syncDirectory", () => this.#disk.syncDirectory(path));
  }

  async lock(path: string): Promise<AsyncDisposable> {
    const lock = await this.#disk.lock(path);
    this.#locks.add(lock);
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.#locks.delete(lock)) await lock[Symbol.asyncDispose]();
      },
    };
  }

  #guarded(file: DiskFile): DiskFile {
    const guarded: DiskFile = {
      size: () => this.#do("size", () => file.size()),
      readAt: (offset, length) => this.#do("readAt", () => file.readAt(offset, length)),
      writeAt: (offset, bytes) => this.#do("writeAt", () => file.writeAt(offset, bytes)),
      // Two operations, so that the process can die and each can fail between them.
      writeDurably: async (offset, bytes) => {
        await guarded.writeAt(offset, bytes);
        await guarded.datasync();
      },
      truncate: (size) => this.#do("truncate", () => file.truncate(size)),
      datasync: () => this.#do("datasync", () => file.datasync()),
      close: () =>
        this.#do("close", () => {
          this.#open.delete(file);
          return file.close();
        }),
    };
    return guarded;
  }

  async #do<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    if (this.#dead || this.operations >= this.#diesAfter) {
      this.#dead = true;
      throw new Error("the process is dead");
    }
    this.operations++;
    const failure = this.#failures.get(operation);
    if (failure && failure.times-- > 0) throw failure.error;
    const done = work();
    this.#inFlight.add(done);
    try {
      return await done;
    } finally {
      this.#inFlight.delete(done);
    }
  }
}
