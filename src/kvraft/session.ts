import type { WriteTicket } from "../kv/index.ts";
import type { Clock } from "../ports/index.ts";
import type { Attempts } from "./attempts.ts";
import { Opening } from "./opening.ts";

/** A write's place in its session, held while the write is under way. */
export interface HeldTicket extends Disposable {
  readonly type: "held";
  /** The ticket as it is to be sent now: what the client still waits for moves on meanwhile. */
  current(): WriteTicket;
  /** The cluster no longer knows the session: later tickets are of a new one. */
  expired(): void;
}

/** There is no session. */
interface NoTicket extends Disposable {
  readonly type: "none";
  /** At opening one. */
  readonly attempts: Attempts;
}

/** Opens a session and gives its id; undefined if that was not possible, or the signal ended the wait. */
export type OpenSession = (signal: AbortSignal, attempts: Attempts) => Promise<number | undefined>;

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
  #opening: Opening<Opened> | undefined;
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
   * @param signal ends the wait for a session that is being opened, perhaps for another write
   */
  async ticket(open: OpenSession, signal: AbortSignal): Promise<HeldTicket | NoTicket> {
    this.#held++;
    this.#endWhenIdle();
    let opened = this.#opened;
    try {
      if (opened === undefined) {
        const opening = this.#openingBy(open);
        opened = await opening.wait(signal);
        const { attempts } = opening;
        if (opened === undefined) return { type: "none", attempts, [Symbol.dispose]: () => {} };
      }
    } finally {
      if (opened === undefined) this.#held--;
    }
    return this.#hold(opened);
  }

  #openingBy(open: OpenSession): Opening<Opened> {
    if (this.#opening !== undefined && !this.#opening.isGivenUp) return this.#opening;
    const opening = new Opening(async (signal, attempts) => {
      try {
        const id = await open(signal, attempts);
        if (id === undefined) return undefined;
        const lastUsedMs = this.#options.clock.now();
        this.#opened = { id, lastSequence: 0, lastUsedMs, pending: new Set() };
        return this.#opened;
      } finally {
        if (this.#opening === opening) this.#opening = undefined;
      }
    });
    this.#opening = opening;
    return opening;
  }

  #hold(opened: Opened): HeldTicket {
    const { id: session, pending } = opened;
    const sequence = ++opened.lastSequence;
    pending.add(sequence);
    opened.lastUsedMs = this.#options.clock.now();
    return {
      type: "held",
      current: () => ({ session, sequence, lowestPending: firstOf(pending) ?? sequence }),
      expired: () => this.#forget(opened),
      [Symbol.dispose]: () => {
        if (!pending.delete(sequence)) return;
        this.#held--;
        opened.lastUsedMs = this.#options.clock.now();
      },
    };
  }

  #endWhenIdle(): void {
    const opened = this.#opened;
    if (opened === undefined || opened.pending.size > 0) return;
    if (this.#options.clock.now() - opened.lastUsedMs > this.#options.idleMs) this.#forget(opened);
  }

  #forget(opened: Opened): void {
    if (this.#opened !== opened) return;
    this.#opened = undefined;
  }
}

function firstOf(numbers: Set<number>): number | undefined {
  for (const number of numbers) return number;
  return undefined;
}
