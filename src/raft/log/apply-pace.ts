import { invariant } from "../invariant-violation.ts";

/** Size of the first slice, in entries: the cost of applying one is not known yet. */
const FIRST_ENTRIES = 16;

export interface ApplyPaceLimits {
  /** At least 1. */
  readonly maxEntries: number;
  /** Target for the time to apply one slice, in ms. */
  readonly maxMs: number;
}

/**
 * The number of committed entries handed out at a time. A state machine may be slow, and nothing else of the replica
 * runs while it applies a slice. Slices that take longer than `maxMs` become smaller, quick ones double.
 */
export class ApplyPace {
  readonly #limits: ApplyPaceLimits;
  /** 1 to `maxEntries`. */
  #entries: number;

  constructor(limits: ApplyPaceLimits) {
    this.#limits = limits;
    this.#entries = Math.min(FIRST_ENTRIES, limits.maxEntries);
  }

  /** The number of entries in the next slice. The limit in bytes may end it sooner. */
  get entries(): number {
    return this.#entries;
  }

  /** Records how long it took to apply a slice of `entries`, in ms. */
  applied(entries: number, tookMs: number): void {
    invariant(entries >= 1 && tookMs >= 0, "a slice has an entry, and takes no negative time");
    const { maxEntries, maxMs } = this.#limits;
    if (tookMs > maxMs) {
      this.#entries = Math.max(1, Math.floor((Math.min(entries, this.#entries) * maxMs) / tookMs));
    } else if (entries >= this.#entries && tookMs < maxMs / 4) {
      this.#entries = Math.min(2 * this.#entries, maxEntries);
    }
    invariant(this.#entries >= 1 && this.#entries <= maxEntries, "a slice has 1 to `maxEntries` entries");
  }
}
