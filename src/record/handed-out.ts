import type { Ready } from "../raft/index.ts";

/**
 * The objects that a core handed out and wants back: the requests of its calls, and its batches. They are numbered in the
 * order in which they came, so that a record can name them.
 */
export class HandedOut {
  readonly #numbers = new WeakMap<object, number>();
  readonly #waiting = new Map<number, { readonly object: object; uses: number }>();
  #last = 0;

  /** Numbers all that is handed out here. One request may go to several peers: it has one number. */
  note(ready: Ready): void {
    for (const message of ready.send) if (message.type === "request") this.#add(message.request);
    for (const { request } of ready.sendChunks) this.#add(request);
    if (ready.persist !== undefined) this.#add(ready.persist);
  }

  /** Undefined if it was not handed out. */
  numberOf(object: object): number | undefined {
    return this.#numbers.get(object);
  }

  /**
   * Gives back an object, once for each time it was handed out.
   *
   * @throws RangeError if no object of this number is outside
   */
  takeBack(number: number): object {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) throw new RangeError(`number: of an object that is outside, not ${number}`);
    waiting.uses--;
    if (waiting.uses === 0) this.#waiting.delete(number);
    return waiting.object;
  }

  #add(object: object): void {
    const known = this.#numbers.get(object);
    const waiting = known === undefined ? undefined : this.#waiting.get(known);
    if (waiting !== undefined) {
      waiting.uses++;
      return;
    }
    this.#last++;
    this.#numbers.set(object, this.#last);
    this.#waiting.set(this.#last, { object, uses: 1 });
  }
}
