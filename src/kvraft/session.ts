import type { WriteTicket } from "../kv/index.ts";
import type { Clock } from "../ports/index.ts";
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
  /** When it was last given out or given back, in ms. */
  lastUsedMs: number;
  /** In rising order, for they are added so. */
  readonly pending: Set<number>;
}

export interface SessionOptions {
  /** How far the sequences may run ahead of the lowest that is still under way. */
  readonly window: number;
  /** How long the store is trusted to know a session that nobody uses, in ms. */
  readonly idleMs: number;
  readonly clock: Clock;
}

/** A clerk's session: opened by its first write, and again before the store may have ended it. */
export class Session {
  readonly #options: SessionOptions;
  #opening: Promise<Opened | undefined> | undefined;
  #opened: Opened | undefined;
  #held = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** A write that takes long must not hold up the others: they go on in another session. */
  get hasRoom(): boolean {
    const opened = this.#opened;
    const lowest = opened === undefined ? undefined : firstOf(opened.pending);
    const ahead = opened === undefined || lowest === undefined ? 0 : opened.lastSequence - lowest + 1;
    return Math.max(this.#held, ahead) < this.#options.window;
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
    this.#endWhenIdle();
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
    opened.lastUsedMs = this.#options.clock.now();
    return {
      current: () => ({ session, sequence, lowestPending: firstOf(pending) ?? sequence }),
      expired: () => this.#forget(opened),
      [Symbol.dispose]: () => {
        if (!pending.delete(sequence)) return;
        this.#held--;
        opened.lastUsedMs = this.#options.clock.now();
      },
    };
  }

  async #open(open: () => Promise<number | undefined>): Promise<Opened | undefined> {
    try {
      const id = await open();
      const lastUsedMs = this.#options.clock.now();
      if (id !== undefined) this.#opened = { id, lastSequence: 0, lastUsedMs, pending: new Set() };
      return this.#opened;
    } finally {
      if (this.#opened === undefined) this.#opening = undefined;
    }
  }

  #endWhenIdle(): void {
    const opened = this.#opened;
    if (opened === undefined || opened.pending.size > 0) return;
    if (this.#options.clock.now() - opened.lastUsedMs > this.#options.idleMs) this.#forget(opened);
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
