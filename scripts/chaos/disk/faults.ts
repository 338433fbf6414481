import { Errno, type ErrnoName } from "./wire.ts";

const OK = Buffer.alloc(0);

/** What goes wrong with syncs. */
export class DiskFaults {
  /** How long a sync takes beside what it takes anyway, in ms. */
  syncDelayMs = 0;
  /** Syncs don't return until `release`. */
  hangs = false;
  #failure: { readonly error: ErrnoName; left: number } | undefined;
  readonly #held: Set<(isDurable: boolean) => void> = new Set();

  /** @param at the sync that fails, counted from 1 */
  failSync(error: ErrnoName, at: number): void {
    this.#failure = { error, left: at };
  }

  /** Whoever waits for a sync is answered now, and no sync fails any more. */
  release(): void {
    this.hangs = false;
    this.#failure = undefined;
    for (const answer of [...this.#held]) answer(true);
  }

  /** The power is gone: no sync that is under way makes anything durable. */
  abort(): void {
    this.hangs = false;
    this.syncDelayMs = 0;
    this.#failure = undefined;
    for (const answer of [...this.#held]) answer(false);
  }

  /**
   * @param finish makes durable what was there at the begin
   * @param fail what was to be made durable is lost
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
