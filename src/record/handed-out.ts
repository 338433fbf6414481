import type { Ready } from "../raft/index.ts";
import { handedOut, Numbers } from "./numbers.ts";

/** The objects that a replayed core handed out, until it got them back. */
export class HandedOut {
  readonly #numbers = new Numbers();
  readonly #waiting = new Map<number, { readonly object: object; uses: number }>();

  add(ready: Ready): void {
    for (const object of handedOut(ready)) {
      const number = this.#numbers.assign(object);
      const waiting = this.#waiting.get(number);
      if (waiting === undefined) this.#waiting.set(number, { object, uses: 1 });
      else waiting.uses++;
    }
  }

  /**
   * Returns an object by its number, once for each time it was handed out.
   *
   * @throws RangeError if the object was not handed out, or was taken back already
   */
  takeBack(number: number): object {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) throw new RangeError(`number: no object ${number} is handed out`);
    waiting.uses--;
    if (waiting.uses === 0) this.#waiting.delete(number);
    return waiting.object;
  }
}
