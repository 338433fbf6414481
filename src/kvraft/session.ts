import type { WriteTicket } from "../kv/index.ts";
import { withSignal } from "./with-signal.ts";

/** A write's place in its session, held while the write is under way. */
export interface HeldTicket extends Disposable {
  /** The ticket as it is to be sent now: what the client still waits for moves on meanwhile. */
  current(): WriteTicket;
  /** The cluster no longer knows the session: later tickets are of a new one. */
  expired(): void;
}

interface Opened {
  readonly id: number;
  /** The highest sequence given out. */
  lastSequence: number;
  /** In rising order, for they are added so. */
  readonly pending: Set<number>;
}

/** A clerk's session: opened by its first write, and again after it expired. */
export class Session {
  readonly #window: number;
  #opening: Promise<Opened | undefined> | undefined;
  #opened: Opened | undefined;
  #held = 0;

  /** @param window how far the sequences may run ahead of the lowest that is still under way */
  constructor(window: number) {
    this.#window = window;
  }

  /** A write that takes long must not hold up the others: they go on in another session. */
  get hasRoom(): boolean {
    const opened = this.#opened;
    const lowest = opened === undefined ? undefined : firstOf(opened.pending);
    const ahead = opened === undefined || lowest === undefined ? 0 : opened.lastSequence - lowest + 1;
    return Math.max(this.#held, ahead) < this.#window;
  }

  /**
   * Takes the next place.
   *
   * @param open opens a session and gives its id; undefined where that was not possible in time
   * @param signal ends the wait for a session that another write is opening
   */
  async ticket(
    open: () => Promise<number | undefined>,
    signal: AbortSignal,
  ): Promise<HeldTicket | undefined> {
    this.#held++;
    this.#opening ??= this.#open(open);
    let opened = this.#opened;
    try {
      opened ??= await withSignal(this.#opening, signal);
    } finally {
      if (opened === undefined) this.#held--;
    }
    if (opened === undefined) return undefined;
    const { id: session, pending } = opened;
    const sequence = ++opened.lastSequence;
    pending.add(sequence);
    return {
      current: () => ({ session, sequence, lowestPending: firstOf(pending) ?? sequence }),
      expired: () => this.#forget(opened),
      [Symbol.dispose]: () => {
        if (pending.delete(sequence)) this.#held--;
      },
    };
  }

  async #open(open: () => Promise<number | undefined>): Promise<Opened | undefined> {
    try {
      const id = await open();
      if (id !== undefined) this.#opened = { id, lastSequence: 0, pending: new Set() };
      return this.#opened;
    } finally {
      if (this.#opened === undefined) this.#opening = undefined;
    }
  }

  #forget(opened: Opened): void {
    if (this.#opened !== opened) return;
    this.#opening = undefined;
    this.#opened = undefined;
  }
}

function firstOf(numbers: Set<number>): number | undefined {
  for (const number of numbers) return number;
  return undefined;
}
