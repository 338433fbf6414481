import type { Clock } from "../ports/index.ts";
import { StateHash } from "./state-hash.ts";

/** So many bytes are hashed before other work runs: less than a millisecond's worth on most machines. */
const SLICE_BYTES = 128 << 10;

/** So many hashes are remembered, the newest ones. */
const REMEMBERED = 8;

export interface StateHashesOptions {
  readonly clock: Clock;
  /** The state at `index` has this hash. */
  readonly found: (index: number, hash: string) => void;
}

/** The hashes of a state at the indices of audits. At most one state is held for it at a time. */
export class StateHashes {
  readonly #options: StateHashesOptions;
  /** By index, in rising order. */
  readonly #hashes = new Map<number, string>();
  #underWay: number | undefined;
  #stopped = false;

  constructor(options: StateHashesOptions) {
    this.#options = options;
  }

  /** The index whose state is being hashed. */
  get underWay(): number | undefined {
    return this.#underWay;
  }

  /** Undefined if it is not known, or not yet. */
  at(index: number): string | undefined {
    return this.#hashes.get(index);
  }

  /**
   * Hashes a state, piece by piece. While an earlier one is under way nothing is done: this index has no hash here.
   *
   * @param chunks called at once if the state will be hashed
   */
  take(index: number, chunks: () => Iterable<Uint8Array>): void {
    if (this.#underWay !== undefined || this.#stopped) return;
    this.#underWay = index;
    void this.#hash(index, chunks());
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#stopped = true;
  }

  async #hash(index: number, chunks: Iterable<Uint8Array>): Promise<void> {
    const { clock, found } = this.#options;
    const hash = new StateHash();
    // Applying goes on first.
    await new Promise<void>((resolve) => clock.defer(resolve));
    let sliceBytes = 0;
    for (const chunk of chunks) {
      if (this.#stopped) return;
      hash.update(chunk);
      sliceBytes += chunk.length;
      if (sliceBytes < SLICE_BYTES) continue;
      sliceBytes = 0;
      await new Promise<void>((resolve) => clock.defer(resolve));
    }
    this.#underWay = undefined;
    const digest = hash.digest();
    this.#hashes.set(index, digest);
    for (const oldest of this.#hashes.keys()) {
      if (this.#hashes.size <= REMEMBERED) break;
      this.#hashes.delete(oldest);
    }
    found(index, digest);
  }
}
