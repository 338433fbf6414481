import { close, fdatasync, fstat, ftruncate, open, read, write } from "node:fs";
import { mkdir, open as openHandle, readdir, rename, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import type { Disk, DiskFile } from "../../src/ports/index.ts";
import { lockDirectory } from "./directory-lock.ts";

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const truncateFile = promisify(ftruncate);
const syncFile = promisify(fdatasync);
const readFile = promisify(read);
const writeFile = promisify(write);

/** The file system of the machine, by way of `node:fs`, which Bun and Deno have too. Nothing in it blocks. */
export function nodeDisk(): Disk {
  return {
    makeDirectory,
    list: (path) => readdir(path),
    open: async (path, { create }) => new NodeFile(await openForUse(path, create)),
    rename,
    unlink,
    syncDirectory,
    lock: lockDirectory,
  };
}

class NodeFile implements DiskFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
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

  async truncate(size: number): Promise<void> {
    await truncateFile(this.#descriptor, size);
  }

  async datasync(): Promise<void> {
    await syncFile(this.#descriptor);
  }

  async close(): Promise<void> {
    await closeFile(this.#descriptor);
  }
}

/** Read and write, but never append mode: Linux would ignore offsets. */
async function openForUse(path: string, create: boolean): Promise<number> {
  try {
    return await openFile(path, "r+");
  } catch (error) {
    if (!create || !isMissing(error)) throw error;
    return openFile(path, "wx+");
  }
}

/** The names of new directories are made durable too: without its name in the parent a directory is lost. */
async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true });
  if (firstCreated === undefined) return;
  const top = dirname(resolve(firstCreated));
  for (let parent = dirname(resolve(path)); parent.length >= top.length; parent = dirname(parent)) {
    await syncDirectory(parent);
    if (parent === top) return;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await openHandle(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
