import type { Events } from "./events.ts";

/**
 * The events of the operations that have no place in the order yet, in two doubly linked lists: calls and returns of
 * known outcomes, and calls of unknown ones. A node is an event's position, so positions tell which came first. An
 * operation that is taken out is put back by the neighbours it still knows: last out, first in.
 */
export class Remaining {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #end: number;

  constructor({ at, known }: Events<unknown, unknown>) {
    this.#end = at.length;
    // One more node than events for each list, its head and its end in one. Both are above every position.
    this.#next = new Int32Array(at.length + 2);
    this.#previous = new Int32Array(at.length + 2);
    let last = this.#end;
    let lastPending = this.#end + 1;
    for (let position = 0; position < at.length; position++) {
      const isPending = (at[position] ?? 0) >= known;
      this.#link(isPending ? lastPending : last, position);
      if (isPending) lastPending = position;
      else last = position;
    }
    this.#link(last, this.#end);
    this.#link(lastPending, this.#end + 1);
  }

  /** The first event of a known outcome; at least the number of events if there is none left. */
  first(): number {
    return this.#next[this.#end] ?? this.#end;
  }

  /** The first call of an unknown outcome; more than the number of events if there is none left. */
  firstPending(): number {
    return this.#next[this.#end + 1] ?? this.#end;
  }

  /** The event that follows in the same list; for one just taken out, the event that took its place. */
  after(position: number): number {
    return this.#next[position] ?? this.#end;
  }

  before(position: number): number {
    return this.#previous[position] ?? this.#end;
  }

  takeOut(position: number): void {
    this.#link(this.before(position), this.after(position));
  }

  putBack(position: number): void {
    const before = this.before(position);
    const after = this.after(position);
    this.#next[before] = position;
    this.#previous[after] = position;
  }

  #link(before: number, after: number): void {
    this.#next[before] = after;
    this.#previous[after] = before;
  }
}
