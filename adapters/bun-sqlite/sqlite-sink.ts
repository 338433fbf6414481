import { PersisterError, type SnapshotSink } from "../../src/ports/index.ts";
import type { CallQueue } from "../shared/index.ts";

/** The snapshot table as seen by its sinks. */
export interface SinkWork {
  write(start: number, chunk: Uint8Array): Promise<void>;
  /** @param size in bytes */
  commit(size: number): Promise<void>;
  drop(): Promise<void>;
}

/** Writes a snapshot in chunks. */
export class SqliteSink implements SnapshotSink {
  readonly #calls: CallQueue;
  readonly #work: SinkWork;
  #size = 0;
  #ended = false;

  constructor(calls: CallQueue, work: SinkWork) {
    this.#calls = calls;
    this.#work = work;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen("write");
      if (chunk.length === 0) return;
      await this.#orDiscard(() =>
        this.#calls.orFail("write a snapshot", () => this.#work.write(this.#size, chunk)),
      );
      this.#size += chunk.length;
    });
  }

  commit(): Promise<void> {
    return this.#calls.run(async () => {
      this.#assertOpen("commit");
      await this.#orDiscard(() => this.#work.commit(this.#size));
      this.#ended = true;
    });
  }

  /** After a failure or a dispose the next load removes it. */
  abort(): Promise<void> {
    return this.#calls.run(() => this.#discard()).catch(() => {});
  }

  /** Deletes a snapshot that was refused or has no space. After other failures nothing more may be written. */
  async #orDiscard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isFull = error instanceof PersisterError && error.reason === "full";
      if (isFull || error instanceof RangeError) await this.#discard();
      this.#ended = true;
      throw error;
    }
  }

  async #discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#work.drop();
  }

  #assertOpen(call: string): void {
    if (this.#ended) throw new TypeError(`the snapshot was committed or aborted: ${call}() came too late`);
  }
}
