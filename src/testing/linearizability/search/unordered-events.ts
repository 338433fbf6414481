import type { Events } from "./events.ts";

/**
 * The events of unordered operations in two doubly linked lists: calls and returns of known outcomes, and calls of
 * unknown ones. A node is an event's position, so positions are in order of time. A removed operation can be put back
 * between the neighbours it still links to: last out, first in.
 */
export class UnorderedEvents {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #end: number;

  constructor({ at, known }: Events<unknown, unknown>) {
    this.#end = at.length;
    // One node more than events for each list, its head and its end in one. Both are above every position.
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

  /** Returns the first event of a known outcome, or at least the number of events if there is none left. */
  first(): number {
    return this.#next[this.#end] ?? this.#end;
  }

  /** Returns the first call of an unknown outcome, or more than the number of events if there is none left. */
  firstPending(): number {
    return this.#next[this.#end + 1] ?? this.#end;
  }

  /** Returns the next event in the same list. For a removed event, returns the event that took its place. */
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
