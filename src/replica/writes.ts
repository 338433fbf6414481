import type { Persister } from "../ports/index.ts";
import { type Input, invariant, type WriteBatch } from "../raft/index.ts";
import type { DiskWatch } from "./disk-watch.ts";
import { isShortage, type Shortage } from "./shortage.ts";

export interface WritesOptions {
  readonly persister: Persister;
  readonly disk: DiskWatch;
  /** The shortage of space for the log. */
  readonly shortage: Shortage;
  /** Returns whether the core still waits for space. */
  readonly isFull: () => boolean;
  readonly step: (input: Input) => void;
}

/** Writes the core's batches, and reports each as durable or as refused for lack of space. */
export class Writes {
  readonly #options: WritesOptions;
  #isWriting = false;

  constructor(options: WritesOptions) {
    this.#options = options;
  }

  /** Every error except a shortage stops the replica: nothing may be acknowledged any more. */
  async write(batch: WriteBatch): Promise<void> {
    invariant(
      batch.entries.length > 0 || batch.hardState !== undefined || batch.truncateFrom !== undefined,
      "a write has something to store",
    );
    const { persister, disk, shortage, isFull, step } = this.#options;
    invariant(!this.#isWriting, "one write is in flight");
    this.#isWriting = true;
    try {
      await disk.during(() => persister.write(batch));
      this.#isWriting = false;
    } catch (error) {
      this.#isWriting = false;
      if (!isShortage(error)) throw error;
      step({ type: "writeRefused", batch });
      await shortage.pause(error);
      step({ type: "retryWrite" });
      if (!isFull()) shortage.over();
      return;
    }
    step({ type: "persisted", batch });
    if (!isFull()) shortage.over();
  }
}
