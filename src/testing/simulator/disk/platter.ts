import { FileContent } from "./file-content.ts";

type DirectoryChange = ReadonlyMap<string, FileContent | undefined>;

/** The files of one machine by path: as programs see them, and as a power failure would leave them. */
export class Platter {
  readonly names: Map<string, FileContent> = new Map();
  /** The names whose creation, rename or removal is durable. */
  readonly durableNames: Map<string, FileContent> = new Map();
  #unsynced: DirectoryChange[] = [];

  get(path: string): FileContent {
    const content = this.names.get(path);
    if (content === undefined) throw new Error(`ENOENT: ${path} is missing`);
    return content;
  }

  create(path: string): FileContent {
    const content = new FileContent();
    this.#change(new Map([[path, content]]));
    return content;
  }

  rename(from: string, to: string): void {
    const content = this.get(from);
    this.#change(
      new Map<string, FileContent | undefined>([
        [from, undefined],
        [to, content],
      ]),
    );
  }

  unlink(path: string): void {
    this.get(path);
    this.#change(new Map([[path, undefined]]));
  }

  syncNames(): void {
    for (const change of this.#unsynced) apply(change, this.durableNames);
    this.#unsynced = [];
  }

  /** Whether a power failure could lose what was written. */
  get hasUnsynced(): boolean {
    for (const content of this.names.values()) if (content.isDirty) return true;
    return false;
  }

  get hasUnsyncedNames(): boolean {
    return this.#unsynced.length > 0;
  }

  /** Bytes in all files. */
  get usedBytes(): number {
    let bytes = 0;
    for (const content of this.names.values()) bytes += content.size;
    return bytes;
  }

  /**
   * Simulates a power failure: each sector and each name that was not synced is kept or lost.
   *
   * @param stored decides for each whether it is kept
   */
  losePower(stored: () => boolean): void {
    const survivors = new Map(this.durableNames);
    for (const change of this.#unsynced) if (stored()) apply(change, survivors);
    this.#unsynced = [];
    this.names.clear();
    this.durableNames.clear();
    for (const [name, content] of survivors) {
      const left = content.afterPowerLoss(stored);
      this.names.set(name, left);
      this.durableNames.set(name, left);
    }
  }

  /** Copies all files as programs see them to another platter, durably. */
  copy(): Platter {
    const copy = new Platter();
    for (const [name, content] of this.names) {
      const copied = new FileContent(content.read(0, content.size));
      copy.names.set(name, copied);
      copy.durableNames.set(name, copied);
    }
    return copy;
  }

  /** Deletes everything. */
  wipe(): void {
    this.#unsynced = [];
    this.names.clear();
    this.durableNames.clear();
  }

  #change(change: DirectoryChange): void {
    apply(change, this.names);
    this.#unsynced.push(change);
  }
}

function apply(change: DirectoryChange, names: Map<string, FileContent>): void {
  for (const [name, content] of change) {
    if (content) names.set(name, content);
    else names.delete(name);
  }
}
