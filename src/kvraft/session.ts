import type { WriteTicket } from "../kv/index.ts";
import type { Clock } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";
import type { Attempts } from "./attempts.ts";
import { Opening } from "./opening.ts";

/** The ticket of a write in flight. Dispose it when the write is over. */
export interface HeldTicket extends Disposable {
  readonly type: "held";
  /** The ticket to send now. Its `lowestPending` grows as earlier writes end. */
  current(): WriteTicket;
  /** The cluster has ended the session: later tickets belong to a new one. */
  expired(): void;
}

/** No session could be opened. */
interface NoTicket extends Disposable {
  readonly type: "none";
  /** The attempts at opening one. */
  readonly attempts: Attempts;
}

/** Opens a session. Resolves to its id, or to undefined if that failed or the signal ended the wait. */
export type OpenSession = (signal: AbortSignal, attempts: Attempts) => Promise<number | undefined>;

interface Opened {
  readonly id: number;
  /** The highest sequence used so far. */
  lastSequence: number;
  /** Time of the last start or end of a write, in ms. */
  lastUsedMs: number;
  /** The sequences of writes in flight, in rising order because they are added in that order. */
  readonly pending: Set<number>;
}

export interface SessionOptions {
  /** Limit of the distance from the lowest sequence in flight to the highest. */
  readonly window: number;
  /** Time after which an unused session is replaced, in ms. */
  readonly idleMs: number;
  readonly clock: Clock;
}

/** A clerk's session. The first write opens it. A new one is opened before the store may have ended the old one. */
export class Session {
  readonly #options: SessionOptions;
  #opening: Opening<Opened> | undefined;
  #opened: Opened | undefined;
  #held = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Whether another write fits into the window. If not, a slow write blocks this session, and other writes use another one. */
  get hasCapacity(): boolean {
    const opened = this.#opened;
    const lowest = opened === undefined ? undefined : firstOf(opened.pending);
    const ahead = opened === undefined || lowest === undefined ? 0 : opened.lastSequence - lowest + 1;
    return Math.max(this.#held, ahead) < this.#options.window;
  }

  /**
   * Returns the next ticket.
   *
   * @param signal ends the wait for a session that is being opened, possibly for another write
   */
  async ticket(open: OpenSession, signal: AbortSignal): Promise<HeldTicket | NoTicket> {
    invariant(this.#held < this.#options.window, "a write uses a session that has capacity");
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
    if (this.#opening !== undefined && !this.#opening.isCancelled) return this.#opening;
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
    this.#check(opened);
    return {
      type: "held",
      current: () => ({ session, sequence, lowestPending: lowestPending(pending, sequence) }),
      expired: () => this.#forget(opened),
      [Symbol.dispose]: () => {
        if (!pending.delete(sequence)) return;
        this.#held--;
        opened.lastUsedMs = this.#options.clock.now();
        this.#check(opened);
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

  /** Checks what the window relies on. */
  #check({ pending, lastSequence }: Opened): void {
    invariant(pending.size <= this.#held, "a write in flight counts against the window of its session");
    invariant(pending.size <= lastSequence, "thesis §6.3 each write of a session has its own sequence");
  }
}

/** The lowest sequence in flight, for the ticket of the write with this sequence. */
function lowestPending(pending: Set<number>, sequence: number): number {
  invariant(pending.has(sequence), "a ticket is sent only until its write is over");
  const lowest = firstOf(pending) ?? sequence;
  invariant(lowest <= sequence, "thesis §6.3 a client gives up no result that it still waits for");
  return lowest;
}

function firstOf(numbers: Set<number>): number | undefined {
  for (const number of numbers) return number;
  return undefined;
}
