import { type Disk, type DiskFile, PersisterError } from "../../src/ports/index.ts";

/** An open directory of a disk. Its files appear and disappear as a whole. */
export class Folder {
  readonly path: string;
  readonly #disk: Disk;
  #temporaryFiles = 0;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.path = path;
  }

  open(name: string): Promise<DiskFile> {
    return this.#disk.open(this.#at(name), { create: false });
  }

  /** Creates a file that `publish` will rename. Its temporary name contains `kind`. */
  async createTemporary(kind: string): Promise<TemporaryFile> {
    const name = `${kind}-${++this.#temporaryFiles}.tmp`;
    return { name, file: await this.#disk.open(this.#at(name), { create: true }) };
  }

  /** Gives a synced temporary file its final name, durably. */
  async publish(temporary: TemporaryFile, name: string): Promise<void> {
    await this.#disk.rename(this.#at(temporary.name), this.#at(name));
    await this.sync();
  }

  async discard(temporary: TemporaryFile): Promise<void> {
    await temporary.file.close();
    await this.remove(temporary.name);
  }

  freeBytes(): Promise<number> {
    return this.#disk.freeBytes(this.path);
  }

  list(): Promise<string[]> {
    return this.#disk.list(this.path);
  }

  remove(name: string): Promise<void> {
    return this.#disk.unlink(this.#at(name));
  }

  sync(): Promise<void> {
    return this.#disk.syncDirectory(this.path);
  }

  corrupt(name: string, offset: number, problem: string, cause?: unknown): PersisterError {
    return new PersisterError(
      "corrupt",
      `${this.#at(name)} is damaged at byte ${offset}: ${problem}. Its contents may have been acknowledged, so ` +
        "the replica does not start. Don't restore a copy or a backup: what this replica has acknowledged " +
        "since would be lost. The other replicas continue without it",
      { cause },
    );
  }

  #at(name: string): string {
    return `${this.path}/${name}`;
  }
}

export interface TemporaryFile {
  readonly name: string;
  readonly file: DiskFile;
}
