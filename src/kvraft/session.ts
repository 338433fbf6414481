import type { WriteTicket } from "../kv/index.ts";

/** A write's place in its session, held while the write is under way. */
export interface HeldTicket extends Disposable {
  /** The ticket as it is to be sent now: what the client still waits for moves on meanwhile. */
  current(): WriteTicket;
  /** The cluster no longer knows the session: later tickets are of a new one. */
  expired(): void;
}

interface Opened {
  readonly id: number;
  lastSequence: number;
  /** In rising order, for they are added so. */
  readonly pending: Set<number>;
}

/** A clerk's session: opened by its first write, and again after it expired. */
export class Session {
  readonly #maxHeld: number;
  #opened: Promise<Opened | undefined> | undefined;
  #held = 0;

  /** @param maxHeld how many writes may be under way in it at once */
  constructor(maxHeld: number) {
    this.#maxHeld = maxHeld;
  }

  get hasRoom(): boolean {
    return this.#held < this.#maxHeld;
  }

  /**
   * Takes the next place.
   *
   * @param open opens a session and gives its id; undefined where that was not possible in time
   */
  async ticket(open: () => Promise<number | undefined>): Promise<HeldTicket | undefined> {
    this.#held++;
    this.#opened ??= this.#open(open);
    const mine = this.#opened;
    const opened = await mine;
    const forget = () => {
      if (this.#opened === mine) this.#opened = undefined;
    };
    if (opened === undefined) {
      this.#held--;
      forget();
      return undefined;
    }
    const { id: session, pending } = opened;
    const sequence = ++opened.lastSequence;
    pending.add(sequence);
    return {
      current: () => ({ session, sequence, lowestPending: firstOf(pending) ?? sequence }),
      expired: forget,
      [Symbol.dispose]: () => {
        if (pending.delete(sequence)) this.#held--;
      },
    };
  }

  async #open(open: () => Promise<number | undefined>): Promise<Opened | undefined> {
    const id = await open();
    return id === undefined ? undefined : { id, lastSequence: 0, pending: new Set() };
  }
}

function firstOf(numbers: Set<number>): number | undefined {
  for (const number of numbers) return number;
  return undefined;
}
