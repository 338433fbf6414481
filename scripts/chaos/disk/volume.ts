import type { Random } from "../random.ts";
import { Content, type Survival } from "./content.ts";

const BLOCK_BYTES = 4096;
export const ROOT_ID = 1;

export interface VolumeFile {
  readonly type: "file" | "socket";
  readonly id: number;
  mode: number;
  links: number;
  changedAtMs: number;
  content: Content;
}

export interface Directory {
  readonly type: "directory";
  readonly id: number;
  mode: number;
  changedAtMs: number;
  readonly entries: Map<string, Node>;
  /** The names that survive a power failure. */
  readonly durable: Map<string, Node>;
  /** Changes of names since the last sync of this directory. */
  pending: NameChange[];
}

export type Node = VolumeFile | Directory;

/** Names that change together. Undefined: the name is removed. */
type NameChange = readonly (readonly [name: string, node: Node | undefined])[];

/**
 * A file system in memory that knows what survives a power failure: the synced sectors of each file and the names of
 * each synced directory. Any part of the rest may survive; names survive in the order of their changes.
 */
export class Volume {
  root: Directory;
  capacityBytes: number = Number.POSITIVE_INFINITY;
  readonly #nodes: Map<number, Node> = new Map();
  #nextId = ROOT_ID;

  constructor() {
    this.root = this.#directory(0o755);
  }

  node(id: number): Node | undefined {
    return id === ROOT_ID ? this.root : this.#nodes.get(id);
  }

  /** The kernel no longer uses this node. Named nodes are found again by name. */
  forget(id: number): void {
    this.#nodes.delete(id);
  }

  /** The kernel uses a node again, found by its name. */
  remember(node: Node): void {
    this.#nodes.set(node.id, node);
  }

  create(parent: Directory, name: string, mode: number, type: VolumeFile["type"] = "file"): VolumeFile {
    const file: VolumeFile = {
      ...{ type, id: this.#nextId++, mode, links: 0 },
      changedAtMs: Date.now(),
      content: new Content(),
    };
    this.#nodes.set(file.id, file);
    this.change(parent, [[name, file]]);
    return file;
  }

  makeDirectory(parent: Directory, name: string, mode: number): Directory {
    const directory = this.#directory(mode);
    this.change(parent, [[name, directory]]);
    return directory;
  }

  /** Adds and removes names. */
  change(parent: Directory, change: NameChange): void {
    for (const [name, node] of change) {
      const before = parent.entries.get(name);
      if (before !== undefined && before.type !== "directory") before.links--;
      if (node === undefined) parent.entries.delete(name);
      else parent.entries.set(name, node);
      if (node !== undefined && node.type !== "directory") node.links++;
    }
    parent.pending.push(change);
    parent.changedAtMs = Date.now();
  }

  syncDirectory(directory: Directory): void {
    for (const change of directory.pending) applyChange(directory.durable, change);
    directory.pending = [];
  }

  /** Returns whether there is space for this many more bytes. */
  hasSpace(bytes: number): boolean {
    return bytes <= 0 || this.usedBytes() + bytes <= this.capacityBytes;
  }

  usedBytes(): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return 0;
    let bytes = 0;
    for (const file of filesBelow(this.root)) {
      bytes += Math.ceil(file.content.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
    }
    return bytes;
  }

  /** Makes everything durable. */
  settle(directory: Directory = this.root): void {
    this.syncDirectory(directory);
    for (const node of directory.entries.values()) {
      if (node.type === "directory") this.settle(node);
      else node.content.beginSync()();
    }
  }

  /** Keeps only what a disk would have. Every node gets a new id, so that the kernel's caches are invalid. */
  losePower(random: Random): void {
    this.root = { ...this.#afterPowerLoss(this.root, random, new Map()), id: ROOT_ID };
    this.#nodes.clear();
  }

  #afterPowerLoss(directory: Directory, random: Random, seen: Map<VolumeFile, VolumeFile>): Directory {
    const names = new Map(directory.durable);
    const kept = keptOf(directory.pending.length, random);
    for (const change of directory.pending.slice(0, kept)) applyChange(names, change);
    const left = this.#directory(directory.mode);
    for (const [name, node] of names) {
      const next =
        node.type === "directory"
          ? this.#afterPowerLoss(node, random, seen)
          : this.#fileAfter(node, random, seen);
      left.entries.set(name, next);
      left.durable.set(name, next);
      if (next.type !== "directory") next.links++;
    }
    return left;
  }

  #fileAfter(file: VolumeFile, random: Random, seen: Map<VolumeFile, VolumeFile>): VolumeFile {
    const known = seen.get(file);
    if (known !== undefined) return known;
    const survival = random.pick<Survival>(["none", "none", "all", "some"]);
    const content = file.content.afterPowerLoss(survival, random);
    const left: VolumeFile = { ...file, id: this.#nextId++, links: 0, content };
    seen.set(file, left);
    return left;
  }

  #directory(mode: number): Directory {
    const directory: Directory = {
      ...{ type: "directory", id: this.#nextId++, mode, changedAtMs: Date.now() },
      ...{ entries: new Map(), durable: new Map(), pending: [] },
    };
    this.#nodes.set(directory.id, directory);
    return directory;
  }
}

function applyChange(names: Map<string, Node>, change: NameChange): void {
  for (const [name, node] of change) {
    if (node === undefined) names.delete(name);
    else names.set(name, node);
  }
}

function keptOf(changes: number, random: Random): number {
  if (random.chance(0.5)) return 0;
  return random.chance(0.5) ? changes : random.whole(0, changes);
}

function* filesBelow(directory: Directory): Iterable<VolumeFile> {
  for (const node of directory.entries.values()) {
    if (node.type === "directory") yield* filesBelow(node);
    else yield node;
  }
}
