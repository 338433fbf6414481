import type { SnapshotSink } from "../../src/ports/index.ts";
import type { SnapshotMeta } from "../../src/raft/index.ts";
import type { CallQueue } from "../shared/index.ts";
import { snapshotName } from "./file-names.ts";
import type { Folder, TemporaryFile } from "./folder.ts";
import type { StoredSnapshot } from "./open-directory.ts";
import { isFull, orFull, shortageIn } from "./shortage.ts";
import { SnapshotWriter } from "./snapshot-writer.ts";

/** The persister as seen by its sinks. */
export interface SinkOwner {
  /** Frees some space on a full disk. */
  releaseSpace(): Promise<void>;
  /** @throws RangeError if the snapshot may not become the newest */
  assertCommittable(): void;
  /** Called when the snapshot is durable under its final name. */
  committed(snapshot: StoredSnapshot): Promise<void>;
  /** Called when the temporary file no longer exists. */
  ended(): void;
}

/** The parts that a sink needs. */
export interface NewSnapshot {
  readonly calls: CallQueue;
  readonly folder: Folder;
  readonly temporary: TemporaryFile;
  readonly meta: SnapshotMeta;
}

/** A snapshot being written: a temporary file until it is committed. */
export class FileSink implements SnapshotSink {
  readonly #calls: CallQueue;
  readonly #folder: Folder;
  readonly #temporary: TemporaryFile;
  readonly #writer: SnapshotWriter;
  readonly #owner: SinkOwner;
  #ended = false;

  constructor({ calls, folder, temporary, meta }: NewSnapshot, owner: SinkOwner) {
    this.#calls = calls;
    this.#folder = folder;
    this.#temporary = temporary;
    this.#owner = owner;
    const { file } = temporary;
    this.#writer = new SnapshotWriter(meta, {
      datasync: () => file.datasync(),
      writeAt: (offset, bytes) => this.#withReserve(() => file.writeAt(offset, bytes)),
    });
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertUsable("write()");
      await this.#calls.orFail("write a snapshot", () =>
        this.#orDiscard("write a snapshot", () => this.#writer.append(chunk)),
      );
    });
  }

  commit(): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertUsable("commit()");
      try {
        this.#owner.assertCommittable();
      } catch (error) {
        await this.#calls.orFail("remove a snapshot", () => this.discard());
        throw error;
      }
      await this.#calls.orFail("commit a snapshot", () => this.#commit());
    });
  }

  /** After a failure or a dispose the persister has removed the file. */
  abort(): Promise<void> {
    return this.#calls
      .run(() => this.#calls.orFail("remove a snapshot", () => this.discard()))
      .catch(() => {});
  }

  /** Removes the temporary file if it still exists. Used by the persister to abort. */
  async discard(): Promise<void> {
    if (this.#end()) await this.#folder.discard(this.#temporary);
  }

  async #commit(): Promise<void> {
    const name = snapshotName(this.#writer.meta.lastIncludedIndex);
    await this.#orDiscard("commit a snapshot", () => this.#writer.finish());
    this.#end();
    try {
      await this.#folder.publish(this.#temporary, name);
    } finally {
      await this.#temporary.file.close();
    }
    await this.#owner.committed({ name, meta: this.#writer.meta, size: this.#writer.size });
  }

  /** If there is no space for the whole snapshot, deletes what was written. */
  async #orDiscard(task: string, work: () => Promise<void>): Promise<void> {
    try {
      await orFull(task, work);
    } catch (error) {
      // If it cannot be removed now, the next load removes it.
      if (isFull(error)) await this.discard().catch(() => {});
      throw error;
    }
  }

  /** Returns whether this was the first call. */
  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#owner.ended();
    return true;
  }

  #assertUsable(call: string): void {
    if (this.#ended) throw new TypeError(`the snapshot was committed or aborted: ${call} came too late`);
  }

  /** Retries a write on a full disk after freeing the space that the log keeps in reserve. */
  async #withReserve(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (shortageIn(error) === undefined) throw error;
      await this.#owner.releaseSpace();
      await write();
    }
  }
}
