import { Errno, type ErrnoName } from "./wire.ts";

const OK = Buffer.alloc(0);

/** The faults of syncs. */
export class DiskFaults {
  /** Additional duration of a sync in ms. */
  syncDelayMs = 0;
  /** Whether syncs hang until `release`. */
  hangs = false;
  #failure: { readonly error: ErrnoName; left: number } | undefined;
  readonly #held: Set<(isDurable: boolean) => void> = new Set();

  /** @param at the number of the sync that fails, from 1 */
  failSync(error: ErrnoName, at: number): void {
    this.#failure = { error, left: at };
  }

  /** Answers all waiting syncs and ends all faults. */
  release(): void {
    this.hangs = false;
    this.#failure = undefined;
    for (const answer of [...this.#held]) answer(true);
  }

  /** The power failed: no running sync makes anything durable. */
  abort(): void {
    this.hangs = false;
    this.syncDelayMs = 0;
    this.#failure = undefined;
    for (const answer of [...this.#held]) answer(false);
  }

  /**
   * @param finish makes the state at the start durable
   * @param fail drops what should have become durable
   */
  sync(
    finish: () => void,
    fail: () => void,
    begin: () => void = () => {},
  ): Buffer | number | Promise<Buffer | number> {
    if (this.#failure !== undefined) {
      this.#failure.left--;
      if (this.#failure.left <= 0) {
        const { error } = this.#failure;
        this.#failure = undefined;
        fail();
        return Errno[error];
      }
    }
    begin();
    if (this.syncDelayMs === 0 && !this.hangs) {
      finish();
      return OK;
    }
    return new Promise((resolve) => {
      const answer = (isDurable: boolean) => {
        clearTimeout(timer);
        this.#held.delete(answer);
        if (isDurable) finish();
        resolve(isDurable ? OK : Errno.EIO);
      };
      const timer = this.hangs ? undefined : setTimeout(() => answer(true), this.syncDelayMs);
      this.#held.add(answer);
    });
  }
}
