import type { Events } from "./events.ts";
import { UnorderedEvents } from "./unordered-events.ts";

/** The operations ordered so far. */
export class Ordering {
  /** The ordered operations, by number. */
  readonly order: number[] = [];
  readonly unordered: UnorderedEvents;
  /** A bit for each ordered operation: words of known outcomes, then words of unknown ones. */
  readonly bits: Int32Array;
  readonly words: { readonly known: number; readonly pending: number };
  /** A hash of the words of known outcomes. */
  knownHash = 0;
  /** The number of unordered operations of known outcome. */
  knownLeft: number;
  readonly #events: Events<unknown, unknown>;

  constructor(events: Events<unknown, unknown>) {
    const { known, operations } = events;
    this.#events = events;
    this.unordered = new UnorderedEvents(events);
    this.words = { known: (known + 31) >>> 5, pending: (operations.length - known + 31) >>> 5 };
    this.bits = new Int32Array(this.words.known + this.words.pending);
    this.knownLeft = known;
  }

  has(op: number): boolean {
    const bit = this.#bitOf(op);
    return ((this.bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  /** Orders an operation next. */
  push(op: number): void {
    this.order.push(op);
    this.unordered.takeOut(this.#events.callOf[op] ?? 0);
    if (op < this.#events.known) {
      this.unordered.takeOut(this.#events.returnOf[op] ?? 0);
      this.knownLeft--;
    }
    this.#flip(op);
  }

  /** Removes the last operation from the order. */
  pop(): number {
    const op = this.order.pop();
    if (op === undefined) throw new RangeError("no operation has a place");
    this.#flip(op);
    if (op < this.#events.known) {
      this.unordered.putBack(this.#events.returnOf[op] ?? 0);
      this.knownLeft++;
    }
    this.unordered.putBack(this.#events.callOf[op] ?? 0);
    return op;
  }

  #flip(op: number): void {
    const bit = this.#bitOf(op);
    this.bits[bit >>> 5] = (this.bits[bit >>> 5] ?? 0) ^ (1 << (bit & 31));
    if (op < this.#events.known) this.knownHash ^= scatter(op);
  }

  #bitOf(op: number): number {
    const { known } = this.#events;
    return op < known ? op : (this.words.known << 5) + op - known;
  }
}

/**
 * Returns the hash of one operation. The hash of a set is the exclusive or of its members' hashes, so it follows every
 * change.
 */
function scatter(op: number): number {
  const z = Math.imul(op + 1, 0x9e3779b1);
  const y = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  return y ^ (y >>> 15);
}
