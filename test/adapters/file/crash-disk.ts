import type { Disk, DiskFile, Random } from "../../../src/ports/index.ts";
import { PersisterError } from "../../../src/ports/index.ts";

const sectorBytes = 512;

type Name = string;
type DirectoryChange = ReadonlyMap<Name, FileContent | undefined>;

/** A file as its users see it, and the part of it that would survive a power failure. */
class FileContent {
  now: Uint8Array = new Uint8Array(0);
  durable: Uint8Array = new Uint8Array(0);
  /** The offsets of the sectors that the next sync stores. */
  #dirty = new Set<number>();

  write(offset: number, bytes: Uint8Array): void {
    this.resize(Math.max(this.now.length, offset + bytes.length));
    this.now.set(bytes, offset);
    const first = offset - (offset % sectorBytes);
    for (let start = first; start < offset + bytes.length; start += sectorBytes) this.#dirty.add(start);
  }

  resize(size: number): void {
    this.now = resized(this.now, size);
  }

  sync(): void {
    this.durable = resized(this.durable, this.now.length);
    for (const start of this.#dirty) this.#store(this.durable, start);
    this.#dirty.clear();
  }

  /** A failed sync: the system still shows the written bytes and takes them for stored, but they are not. */
  failSync(): void {
    this.#dirty.clear();
  }

  /** What a loss of power leaves: of the sectors that were not synced, any may have been stored. */
  afterPowerLoss(stored: () => boolean): FileContent {
    const left = new FileContent();
    left.durable = resized(this.durable, stored() ? this.now.length : this.durable.length);
    for (const start of this.#dirty) if (stored()) this.#store(left.durable, start);
    left.now = left.durable.slice();
    return left;
  }

  #store(bytes: Uint8Array, start: number): void {
    const end = Math.min(start + sectorBytes, bytes.length);
    if (start < end) bytes.set(this.now.subarray(start, end), start);
  }
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(0, size));
  return copy;
}

/**
 * One directory in memory that loses data like a disk: until a file's datasync any of its new sectors, and until the
 * directory's sync any creation, rename or removal.
 */
export class CrashDisk implements Disk {
  readonly #names = new Map<Name, FileContent>();
  readonly #durableNames = new Map<Name, FileContent>();
  #unsynced: DirectoryChange[] = [];
  #locked = false;
  #failingSyncs = 0;

  /** The next datasync fails, and later ones do not repair the damage. */
  failNextSync(): void {
    this.#failingSyncs++;
  }

  /** The disk after a loss of power. `random` decides what of the unsynced was stored. */
  afterPowerLoss(random: Random): CrashDisk {
    const stored = () => random() < 0.5;
    const names = new Map(this.#durableNames);
    for (const change of this.#unsynced) if (stored()) apply(change, names);
    const left = new CrashDisk();
    for (const [name, content] of names) {
      const survivor = content.afterPowerLoss(stored);
      left.#names.set(name, survivor);
      left.#durableNames.set(name, survivor);
    }
    return left;
  }

  async makeDirectory(): Promise<void> {}

  async list(path: string): Promise<string[]> {
    const inside = [...this.#names.keys()].filter((name) => name.startsWith(`${path}/`));
    return inside.map((name) => name.slice(path.length + 1));
  }

  async open(path: string, { create }: { readonly create: boolean }): Promise<DiskFile> {
    const existing = this.#names.get(path);
    if (existing) return this.#opened(existing);
    if (!create) throw new Error(`${path} is missing`);
    const content = new FileContent();
    this.#change(new Map([[path, content]]));
    return this.#opened(content);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#change(
      new Map<Name, FileContent | undefined>([
        [from, undefined],
        [to, this.#existing(from)],
      ]),
    );
  }

  async unlink(path: string): Promise<void> {
    this.#existing(path);
    this.#change(new Map([[path, undefined]]));
  }

  async freeBytes(): Promise<number> {
    return Number.POSITIVE_INFINITY;
  }

  async syncDirectory(): Promise<void> {
    for (const change of this.#unsynced) apply(change, this.#durableNames);
    this.#unsynced = [];
  }

  async lock(path: string): Promise<AsyncDisposable> {
    if (this.#locked) throw new PersisterError("locked", `${path} is in use`);
    this.#locked = true;
    return {
      [Symbol.asyncDispose]: async () => {
        this.#locked = false;
      },
    };
  }

  #opened(content: FileContent): DiskFile {
    const file: DiskFile = {
      size: async () => content.now.length,
      readAt: async (offset, length) => content.now.slice(offset, offset + length),
      writeAt: async (offset, bytes) => content.write(offset, bytes),
      writeDurably: async (offset, bytes) => {
        await file.writeAt(offset, bytes);
        await file.datasync();
      },
      truncate: async (size) => content.resize(size),
      datasync: async () => {
        if (this.#failingSyncs === 0) return content.sync();
        this.#failingSyncs--;
        content.failSync();
        throw new Error("EIO: input/output error");
      },
      close: async () => {},
    };
    return file;
  }

  #existing(path: string): FileContent {
    const content = this.#names.get(path);
    if (!content) throw new Error(`${path} is missing`);
    return content;
  }

  #change(change: DirectoryChange): void {
    apply(change, this.#names);
    this.#unsynced.push(change);
  }
}

function apply(change: DirectoryChange, names: Map<Name, FileContent>): void {
  for (const [name, content] of change) {
    if (content) names.set(name, content);
    else names.delete(name);
  }
}
