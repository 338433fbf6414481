import { invariant } from "../raft/index.ts";
import { Attempts } from "./attempts.ts";
import { withSignal } from "./with-signal.ts";

/** An open operation that many callers wait for. It is cancelled when no caller waits any longer. */
export class Opening<Opened> {
  readonly attempts: Attempts = new Attempts();
  readonly #controller = new AbortController();
  readonly #opened: Promise<Opened | undefined>;
  #waits = 0;

  constructor(open: (signal: AbortSignal, attempts: Attempts) => Promise<Opened | undefined>) {
    this.#opened = open(this.#controller.signal, this.attempts);
  }

  /** Whether it was cancelled: it opens nothing any more. */
  get isCancelled(): boolean {
    return this.#controller.signal.aborted;
  }

  /** The opened object; undefined if nothing was opened, or the signal ended this wait first. */
  async wait(signal: AbortSignal): Promise<Opened | undefined> {
    invariant(!this.isCancelled, "nobody waits for an opening that was cancelled");
    this.#waits++;
    try {
      return await withSignal(this.#opened, signal);
    } finally {
      if (--this.#waits === 0) this.#controller.abort();
    }
  }
}
