import { Attempts } from "./attempts.ts";
import { withSignal } from "./with-signal.ts";

/** Something that many wait for while it is being opened. It is given up when none of them waits any more. */
export class Opening<Opened> {
  readonly attempts: Attempts = new Attempts();
  readonly #controller = new AbortController();
  readonly #opened: Promise<Opened | undefined>;
  #waits = 0;

  constructor(open: (signal: AbortSignal, attempts: Attempts) => Promise<Opened | undefined>) {
    this.#opened = open(this.#controller.signal, this.attempts);
  }

  /** Whether it was given up: a wait for it is in vain. */
  get isGivenUp(): boolean {
    return this.#controller.signal.aborted;
  }

  /** What was opened; undefined if nothing was, or the signal ended this wait first. */
  async wait(signal: AbortSignal): Promise<Opened | undefined> {
    this.#waits++;
    try {
      return await withSignal(this.#opened, signal);
    } finally {
      if (--this.#waits === 0) this.#controller.abort();
    }
  }
}
