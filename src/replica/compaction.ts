import type { Logger, Persister } from "../ports/index.ts";
import { invariant, type SnapshotMeta } from "../raft/index.ts";
import { isShortage, type Shortage } from "./shortage.ts";

export interface CompactionOptions {
  readonly persister: Persister;
  /** The shortage of space for snapshots. */
  readonly shortage: Shortage;
  readonly logger: Logger;
  /** Saves a snapshot of the present state. Returns what it covers; undefined if there was nothing new. */
  readonly save: () => Promise<SnapshotMeta | undefined>;
}

/** Saves a snapshot when the log has grown enough, so that the log it covers can be dropped. */
export class Compaction {
  readonly #options: CompactionOptions;
  #isSaving = false;

  constructor(options: CompactionOptions) {
    this.#options = options;
  }

  get isDue(): boolean {
    return !this.#isSaving && this.#options.persister.shouldCompactLogNow();
  }

  /** Tries again after a pause if there is no space, because a snapshot is what frees some. */
  async run(): Promise<void> {
    invariant(!this.#isSaving, "§7 one snapshot is saved at a time");
    this.#isSaving = true;
    try {
      while (!(await this.#saved()));
    } finally {
      this.#isSaving = false;
    }
  }

  /** @returns false if it must be tried again */
  async #saved(): Promise<boolean> {
    const { shortage, logger, save } = this.#options;
    try {
      const meta = await save();
      shortage.over();
      if (meta !== undefined) logger.debug("saved a snapshot up to index {lastIncludedIndex}", { ...meta });
      return true;
    } catch (error) {
      if (!isShortage(error)) throw error;
      await shortage.pause(error);
      return shortage.isStopped;
    }
  }
}
