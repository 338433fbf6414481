import { dirname } from "node:path";
import type { TraceEvent } from "./trace.ts";

const sectorBytes = 512;

/** A change of a file's content that no sync has stored yet. */
type Change =
  | { readonly type: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: "resize"; readonly size: number };

class TracedFile {
  durable: Uint8Array = new Uint8Array(0);
  size = 0;
  #pending: Change[] = [];

  write(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > this.size) this.resize(offset + bytes.length);
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + sectorBytes - ((offset + at) % sectorBytes));
      this.#pending.push({ type: "write", offset: offset + at, bytes: bytes.subarray(at, end) });
      at = end;
    }
  }

  resize(size: number): void {
    this.size = size;
    this.#pending.push({ type: "resize", size });
  }

  sync(): void {
    this.durable = this.after(() => true);
    this.#pending = [];
  }

  /** The content after a power cut. @param isStored whether a change reached the device */
  after(isStored: () => boolean): Uint8Array {
    let bytes: Uint8Array = this.durable.slice();
    for (const change of this.#pending) {
      if (!isStored()) continue;
      if (change.type === "resize") bytes = resized(bytes, change.size);
      else {
        const end = change.offset + change.bytes.length;
        if (end > bytes.length) bytes = resized(bytes, end);
        bytes.set(change.bytes, change.offset);
      }
    }
    return bytes;
  }
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(0, size));
  return copy;
}

type Entry = TracedFile | "directory";
type NameChange = readonly (readonly [path: string, entry: Entry | undefined])[];

/** The files below one directory, as changed by a trace, and their state after a power cut. */
export class TracedDisk {
  readonly #root: string;
  /** The contents as seen by the process and as stored on the device, by path. */
  readonly #entries = new Map<string, Entry>();
  #durable = new Map<string, Entry>();
  #pending: NameChange[] = [];
  /** Open files and directories, with the position of the next plain write. */
  readonly #open = new Map<number, { readonly path: string; readonly entry: Entry; offset: number }>();

  /** @param root a directory that is there and durable; all that is changed lies below it */
  constructor(root: string) {
    this.#root = root;
    this.#entries.set(root, "directory");
    this.#durable.set(root, "directory");
  }

  /** A new process: no file is open. */
  restart(): void {
    this.#open.clear();
  }

  /** @throws Error at a change that is not modelled */
  apply(event: TraceEvent): void {
    switch (event.type) {
      case "open":
        return this.#opened(event.fd, event.path, event.flags);
      case "close":
        return void this.#open.delete(event.fd);
      case "write": {
        const open = this.#open.get(event.fd);
        if (!open || open.entry === "directory") return;
        const offset = event.offset ?? open.offset;
        open.entry.write(offset, event.bytes);
        if (event.offset === undefined) open.offset += event.bytes.length;
        return;
      }
      case "truncate":
        return this.#file(event.fd)?.resize(event.size);
      case "sync":
        return this.#sync(event.fd);
      case "link":
        return this.#rename([[event.to, this.#entries.get(event.from)]]);
      case "rename":
        return this.#rename([
          [event.to, this.#entries.get(event.from)],
          [event.from, undefined],
        ]);
      case "unlink":
        return this.#rename([[event.path, undefined]]);
      case "mkdir":
        return this.#rename([[event.path, "directory"]]);
      case "other":
        if (this.#open.has(event.fd)) throw new Error(`${event.name} is not modelled`);
    }
  }

  /** The path of a descriptor's file, if it is below the root. */
  pathOf(fd: number): string | undefined {
    return this.#open.get(fd)?.path;
  }

  /**
   * The files after a power cut, by path, with the directories they need.
   *
   * @param isStored whether an unsynced change reached the device
   */
  after(isStored: () => boolean): ReadonlyMap<string, Uint8Array> {
    const entries = new Map(this.#durable);
    for (const change of this.#pending) if (isStored()) apply(entries, change);
    const files = new Map<string, Uint8Array>();
    for (const [path, entry] of entries) {
      if (entry === "directory" || !this.#isReachable(entries, path)) continue;
      files.set(path, entry.after(isStored));
    }
    return files;
  }

  #opened(fd: number, path: string, flags: string): void {
    this.#open.delete(fd);
    if (!this.#isBelow(path)) return;
    let entry = this.#entries.get(path);
    if (entry === undefined) {
      if (!flags.includes("O_CREAT")) return;
      entry = new TracedFile();
      this.#rename([[path, entry]]);
    }
    if (flags.includes("O_TRUNC") && entry !== "directory" && entry.size > 0) entry.resize(0);
    this.#open.set(fd, { path, entry, offset: 0 });
  }

  #rename(change: NameChange): void {
    const ours = change.filter(([path]) => this.#isBelow(path));
    if (ours.length === 0) return;
    apply(this.#entries, ours);
    this.#pending.push(ours);
  }

  #sync(fd: number): void {
    const open = this.#open.get(fd);
    if (!open) return;
    if (open.entry !== "directory") return open.entry.sync();
    const isHere = (change: NameChange) => change.some(([path]) => dirname(path) === open.path);
    for (const change of this.#pending.filter(isHere)) apply(this.#durable, change);
    this.#pending = this.#pending.filter((change) => !isHere(change));
  }

  #file(fd: number): TracedFile | undefined {
    const entry = this.#open.get(fd)?.entry;
    return entry === "directory" ? undefined : entry;
  }

  #isBelow(path: string): boolean {
    return path === this.#root || path.startsWith(`${this.#root}/`);
  }

  #isReachable(entries: ReadonlyMap<string, Entry>, path: string): boolean {
    for (let at = dirname(path); at !== this.#root; at = dirname(at)) if (!entries.has(at)) return false;
    return true;
  }
}

function apply(entries: Map<string, Entry>, change: NameChange): void {
  for (const [path, entry] of change) {
    if (entry === undefined) entries.delete(path);
    else entries.set(path, entry);
  }
}
