import { FileContent } from "./file-content.ts";

type DirectoryChange = ReadonlyMap<string, FileContent | undefined>;

/** The files of one machine, by their path: as programs see them, and as a loss of power would leave them. */
export class Platter {
  readonly names: Map<string, FileContent> = new Map();
  /** Those whose creation, rename or removal is durable. */
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

  /** Whether a loss of power could lose what was written. */
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
   * Power is lost: what was not synced is there or not, sector by sector and name by name.
   *
   * @param stored decides of each whether it is
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

  /** All files as programs see them, on another platter and durable there. */
  copy(): Platter {
    const copy = new Platter();
    for (const [name, content] of this.names) {
      const copied = new FileContent(content.read(0, content.size));
      copy.names.set(name, copied);
      copy.durableNames.set(name, copied);
    }
    return copy;
  }

  /** All is gone. */
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
