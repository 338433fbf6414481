import type { Clock, Persister } from "../ports/index.ts";
import { type Input, invariant, type RaftView, type SnapshotMeta } from "../raft/index.ts";
import type { SerialQueue } from "./serial-queue.ts";

/** Parts that a saver of snapshots needs. */
export interface SnapshotSaverOptions {
  readonly persister: Persister;
  readonly clock: Clock;
  /** The queue in which snapshots become the newest one. */
  readonly commits: SerialQueue;
  readonly view: () => RaftView;
  /** What a snapshot of the state after the entry at this index covers. */
  readonly metaAt: (index: number) => SnapshotMeta | undefined;
  readonly step: (input: Input) => void;
}

/** Saves snapshots of this replica's state, one at a time. Other work runs between any two chunks. */
export class SnapshotSaver {
  readonly #options: SnapshotSaverOptions;
  #saving: Promise<SnapshotMeta | undefined> | undefined;
  #stopped = false;

  constructor(options: SnapshotSaverOptions) {
    this.#options = options;
  }

  get isSaving(): boolean {
    return this.#saving !== undefined;
  }

  /**
   * Saves the state after the entry at `index`, or waits for the snapshot that is being saved.
   *
   * @param chunks called at once; its result is read chunk by chunk
   * @returns what the snapshot covers; undefined if there was nothing new, or if a newer snapshot came first
   * @throws RangeError if `index` has not been applied
   */
  save(index: number, chunks: () => Iterable<Uint8Array>): Promise<SnapshotMeta | undefined> {
    const { lastApplied } = this.#options.view();
    if (!Number.isSafeInteger(index) || index < 0 || index > lastApplied) {
      throw new RangeError(
        `Cannot save snapshot: index must be that of an applied entry, 0 to ${lastApplied}, got ${index}`,
      );
    }
    this.#saving ??= this.#save(index, chunks()).finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  /** Gives up the snapshot that is being saved, and waits until that has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    // The caller of `save` gets the error.
    await this.#saving?.catch(() => {});
  }

  async #save(index: number, chunks: Iterable<Uint8Array>): Promise<SnapshotMeta | undefined> {
    const meta = this.#options.metaAt(index);
    if (meta === undefined || this.#isOvertaken(index)) return undefined;
    invariant(meta.lastIncludedTerm <= this.#options.view().currentTerm, "§5.1 no entry has a later term");
    if (!(await this.#write(meta, chunks))) return undefined;
    this.#options.step({ type: "snapshotSaved", meta });
    return meta;
  }

  /** @returns whether it became the newest snapshot */
  async #write(meta: SnapshotMeta, chunks: Iterable<Uint8Array>): Promise<boolean> {
    const { persister, clock, commits } = this.#options;
    const sink = await persister.createSnapshot(meta);
    try {
      for (const chunk of chunks) {
        await sink.write(chunk);
        await new Promise<void>((resolve) => clock.defer(resolve));
        if (this.#isOvertaken(meta.lastIncludedIndex)) return false;
      }
      return await commits.run(async () => {
        if (this.#isOvertaken(meta.lastIncludedIndex)) return false;
        const { lastApplied } = this.#options.view();
        invariant(meta.lastIncludedIndex <= lastApplied, "§7 a snapshot covers only applied entries");
        await sink.commit();
        return true;
      });
    } finally {
      await sink.abort();
    }
  }

  #isOvertaken(index: number): boolean {
    return this.#stopped || index <= (this.#options.view().snapshot?.lastIncludedIndex ?? 0);
  }
}
