import type { Ready } from "../raft/index.ts";

/**
 * The objects that a core handed out and expects back: the requests of its calls, and its batches. They are numbered in
 * order, so that a record can refer to them by number.
 */
export class HandedOut {
  readonly #numbers = new WeakMap<object, number>();
  readonly #waiting = new Map<number, { readonly object: object; uses: number }>();
  #last = 0;

  /** Numbers the objects of a `Ready`. A request to several peers has one number. */
  add(ready: Ready): void {
    for (const message of ready.send) if (message.type === "request") this.#add(message.request);
    for (const { request } of ready.sendChunks) this.#add(request);
    if (ready.persist !== undefined) this.#add(ready.persist);
  }

  /** Returns undefined if the object was not handed out. */
  numberOf(object: object): number | undefined {
    return this.#numbers.get(object);
  }

  /**
   * Returns an object by its number, once for each time it was handed out.
   *
   * @throws RangeError if the object was not handed out, or was taken back already
   */
  takeBack(number: number): object {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined)
      throw new RangeError(`number: must be that of an object that is handed out, not ${number}`);
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
