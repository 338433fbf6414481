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

/** A session as the cluster opened it. */
class Opened {
  readonly id: number;
  /** The highest sequence used so far. */
  lastSequence: number = 0;
  /** Time of the last end of a write, or of the opening, in ms. Unused while a write is in flight. */
  lastUsedMs: number;
  /** The sequences of writes in flight. */
  readonly pending: Set<number> = new Set();
  /** No sequence below it is in flight. */
  #lowest = 1;

  constructor(id: number, nowMs: number) {
    this.id = id;
    this.lastUsedMs = nowMs;
  }

  /** The lowest sequence in flight; the next one to use if there is none. */
  get lowest(): number {
    if (this.pending.size === 0) this.#lowest = this.lastSequence + 1;
    while (this.#lowest <= this.lastSequence && !this.pending.has(this.#lowest)) this.#lowest++;
    return this.#lowest;
  }
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
    const ahead = opened === undefined ? 0 : opened.lastSequence - opened.lowest + 1;
    return Math.max(this.#held, ahead) < this.#options.window;
  }

  /** Whether the next ticket needs no wait. */
  get isOpen(): boolean {
    return this.#opened !== undefined && this.hasCapacity;
  }

  /** Returns the next ticket if the session is open and has capacity, otherwise undefined. */
  hold(): HeldTicket | undefined {
    this.#endWhenIdle();
    if (this.#opened === undefined || !this.hasCapacity) return undefined;
    this.#held++;
    return this.#hold(this.#opened);
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
        this.#opened = new Opened(id, this.#options.clock.now());
        return this.#opened;
      } finally {
        if (this.#opening === opening) this.#opening = undefined;
      }
    });
    this.#opening = opening;
    return opening;
  }

  /** A write is over. */
  released(opened: Opened): void {
    this.#held--;
    opened.lastUsedMs = this.#options.clock.now();
    this.#check(opened);
  }

  /** Uses another session from now on. */
  forget(opened: Opened): void {
    if (this.#opened !== opened) return;
    this.#opened = undefined;
  }

  #hold(opened: Opened): HeldTicket {
    const sequence = ++opened.lastSequence;
    opened.pending.add(sequence);
    this.#check(opened);
    return new Ticket(this, opened, sequence);
  }

  #endWhenIdle(): void {
    const opened = this.#opened;
    if (opened === undefined || opened.pending.size > 0) return;
    if (this.#options.clock.now() - opened.lastUsedMs > this.#options.idleMs) this.forget(opened);
  }

  /** Checks what the window relies on. */
  #check({ pending, lastSequence }: Opened): void {
    invariant(pending.size <= this.#held, "a write in flight counts against the window of its session");
    invariant(pending.size <= lastSequence, "thesis §6.3 each write of a session has its own sequence");
  }
}

class Ticket implements HeldTicket {
  readonly type = "held";
  readonly #session: Session;
  readonly #opened: Opened;
  readonly #sequence: number;

  constructor(session: Session, opened: Opened, sequence: number) {
    this.#session = session;
    this.#opened = opened;
    this.#sequence = sequence;
  }

  current(): WriteTicket {
    const { id: session, pending, lowest: lowestPending } = this.#opened;
    const sequence = this.#sequence;
    invariant(pending.has(sequence), "a ticket is sent only until its write is over");
    invariant(lowestPending <= sequence, "thesis §6.3 a client gives up no result that it still waits for");
    return { session, sequence, lowestPending };
  }

  expired(): void {
    this.#session.forget(this.#opened);
  }

  [Symbol.dispose](): void {
    if (this.#opened.pending.delete(this.#sequence)) this.#session.released(this.#opened);
  }
}
