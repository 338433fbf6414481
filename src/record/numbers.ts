import type { Ready } from "../raft/index.ts";

/**
 * Numbers the objects that a core hands out and expects back: the requests of its calls, and its batches. They are
 * numbered in order, so that a record can refer to them by number. Keeps no object alive.
 */
export class Numbers {
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  /** Numbers an object. One that is handed out several times has one number. */
  assign(object: object): number {
    const known = this.#numbers.get(object);
    if (known !== undefined) return known;
    this.#last++;
    this.#numbers.set(object, this.#last);
    return this.#last;
  }

  /** Returns undefined if the object was not handed out. */
  numberOf(object: object): number | undefined {
    return this.#numbers.get(object);
  }
}

/** Yields the objects of a `Ready` that the core expects back, in order. */
export function* handedOut({ send, sendChunks, persist }: Ready): Generator<object> {
  for (const message of send) if (message.type === "request") yield message.request;
  for (const { request } of sendChunks) yield request;
  if (persist !== undefined) yield persist;
}
