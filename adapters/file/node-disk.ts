import { close, fdatasync, fdatasyncSync, fstat, fsync, ftruncate, read, write, writeSync } from "node:fs";
import { readdir, rename, statfs, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import type { DirectoryLock, Disk, DiskFile } from "../../src/ports/index.ts";
import { createDirectory } from "../directories/index.ts";
import { DescriptorReserve } from "./descriptor-reserve.ts";
import { lockDirectory } from "./directory-lock.ts";
import { codeOf } from "./lock-holder.ts";
import { SyncPace } from "./sync-pace.ts";

const closeFile = promisify(close);
const statFile = promisify(fstat);
const truncateFile = promisify(ftruncate);
const syncFile = promisify(fdatasync);
const syncWhole = promisify(fsync);
const readFile = promisify(read);
const writeFile = promisify(write);

/**
 * The machine's file system by `node:fs`, which Bun and Deno have too. Only `writeDurably` blocks, and only while syncs
 * are quick.
 *
 * @example
 * ```ts
 * import { rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { nodeDisk } from "ruaft/adapters/file";
 *
 * const disk = nodeDisk();
 * const directory = join(tmpdir(), `example-${crypto.randomUUID()}`);
 * await disk.makeDirectory(directory);
 * const file = await disk.open(`${directory}/log`, { create: true });
 * await file.writeAt(0, Uint8Array.of(1, 2, 3));
 * await file.datasync();
 * await disk.syncDirectory(directory);
 * console.log(await file.size(), await disk.list(directory)); // 3 [ 'log' ]
 * await file.close();
 * await rm(directory, { recursive: true });
 * ```
 */
export function nodeDisk(): Disk {
  return new NodeDisk();
}

class NodeDisk implements Disk {
  /** Shared by all files, because they are on one disk. */
  readonly #pace = new SyncPace();
  /** Held while a directory is locked. */
  #reserve: DescriptorReserve | undefined;

  /** The names of new directories are made durable too: a directory without a durable name in its parent is lost. */
  async makeDirectory(path: string): Promise<void> {
    const firstCreated = await createDirectory(path);
    if (firstCreated === undefined) return;
    const top = dirname(firstCreated);
    for (let parent = dirname(resolve(path)); parent.length >= top.length; parent = dirname(parent)) {
      await this.syncDirectory(parent);
      if (parent === top) return;
    }
  }

  list(path: string): Promise<string[]> {
    return readdir(path);
  }

  async open(path: string, { create }: { readonly create: boolean }): Promise<DiskFile> {
    const descriptor = await this.#openForUse(path, create);
    return new NodeFile(descriptor, this.#pace, () => this.#reserve?.fill());
  }

  rename(from: string, to: string): Promise<void> {
    return rename(from, to);
  }

  unlink(path: string): Promise<void> {
    return unlink(path);
  }

  async freeBytes(path: string): Promise<number> {
    try {
      const { blocks, bavail, bsize } = await statfs(path);
      // A file system that does not report free space reports zero blocks.
      return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }

  async syncDirectory(path: string): Promise<void> {
    const descriptor = await this.#openDescriptor(path, "r");
    try {
      await syncWhole(descriptor);
    } finally {
      await closeFile(descriptor);
      await this.#reserve?.fill();
    }
  }

  async lock(path: string): Promise<DirectoryLock> {
    const lock = await lockDirectory(path);
    const reserve = new DescriptorReserve(path);
    await reserve.fill();
    this.#reserve = reserve;
    return {
      ...lock,
      [Symbol.asyncDispose]: async () => {
        await reserve.close();
        await lock[Symbol.asyncDispose]();
      },
    };
  }

  /** Opens for reading and writing, but not in append mode, in which Linux ignores offsets. */
  async #openForUse(path: string, create: boolean): Promise<number> {
    try {
      return await this.#openDescriptor(path, "r+");
    } catch (error) {
      if (!create || codeOf(error) !== "ENOENT") throw error;
      return this.#openDescriptor(path, "wx+");
    }
  }

  #openDescriptor(path: string, flags: string): Promise<number> {
    return (this.#reserve ?? new DescriptorReserve(path)).open(path, flags);
  }
}

class NodeFile implements DiskFile {
  readonly #descriptor: number;
  readonly #pace: SyncPace;
  readonly #closed: () => Promise<void> | undefined;

  /** @param closed called when the descriptor is free again */
  constructor(descriptor: number, pace: SyncPace, closed: () => Promise<void> | undefined) {
    this.#descriptor = descriptor;
    this.#pace = pace;
    this.#closed = closed;
  }

  async size(): Promise<number> {
    return (await statFile(this.#descriptor)).size;
  }

  async readAt(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, (await this.size()) - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const left = bytes.length - filled;
      const { bytesRead } = await readFile(this.#descriptor, bytes, filled, left, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  async writeAt(offset: number, bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const left = bytes.length - written;
      written += (await writeFile(this.#descriptor, bytes, written, left, offset + written)).bytesWritten;
    }
  }

  async writeDurably(offset: number, bytes: Uint8Array): Promise<void> {
    const beganMs = performance.now();
    const onLoop = this.#pace.allowsLoop(bytes.length);
    try {
      if (onLoop) {
        this.#writeBlocking(offset, bytes);
        fdatasyncSync(this.#descriptor);
      } else {
        await this.writeAt(offset, bytes);
        await syncFile(this.#descriptor);
      }
    } finally {
      this.#pace.ended({ bytes: bytes.length, tookMs: performance.now() - beganMs, onLoop });
    }
  }

  async truncate(size: number): Promise<void> {
    await truncateFile(this.#descriptor, size);
  }

  async datasync(): Promise<void> {
    await syncFile(this.#descriptor);
  }

  #writeBlocking(offset: number, bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length)
      written += writeSync(this.#descriptor, bytes, written, bytes.length - written, offset + written);
  }

  async close(): Promise<void> {
    await closeFile(this.#descriptor);
    await this.#closed();
  }
}
