import { invariant } from "./invariant.ts";

/** Sorted keys, without duplicates, that a `KeyHeads` helps to search. */
export interface SortedKeys {
  /** Compares the key at a position with `key`, as for `sort`. */
  compareKey(at: number, key: Uint8Array): number;
  /** Returns the head of the key at a position: see {@link headOf}. */
  headAt(at: number, shared: number): number;
  /** Returns the key at a position. The caller does not change it. */
  keyAt(at: number): Uint8Array;
}

/**
 * The four bytes of each key after the bytes that all keys share, as one number. A search compares these numbers, which
 * lie side by side, and reads a key only if its head equals that of the key that is searched.
 */
export class KeyHeads {
  #count = 0;
  /** Number of bytes that all keys share. It may be too low, which costs only time. */
  #shared = 0;
  /** One of the keys; its first `#shared` bytes are those of all keys. */
  #example: Uint8Array = new Uint8Array();
  /** In the order of the keys. The rest of the array is spare. */
  #heads: Uint32Array;

  constructor(capacity: number) {
    this.#heads = new Uint32Array(capacity);
  }

  /** Returns the heads of the first `count` keys. */
  static of(keys: SortedKeys, count: number, capacity: number = count): KeyHeads {
    const heads = new KeyHeads(Math.max(capacity, count));
    heads.#count = count;
    if (count > 0) {
      heads.#example = keys.keyAt(0).slice();
      heads.#share(keys, sharedBytes(heads.#example, heads.#example.length, keys.keyAt(count - 1)));
    }
    return heads;
  }

  copy(capacity: number): KeyHeads {
    const copy = new KeyHeads(Math.max(capacity, this.#count));
    copy.#count = this.#count;
    copy.#shared = this.#shared;
    copy.#example = this.#example;
    copy.#heads.set(this.#heads.subarray(0, this.#count));
    return copy;
  }

  /** Returns the first position whose key is not below `key`. */
  lowerBound(key: Uint8Array, keys: SortedKeys): number {
    let [low, high] = [0, this.#count];
    const shared = sharedBytes(this.#example, this.#shared, key);
    if (shared < this.#shared) return isBelow(key, this.#example, shared) ? 0 : high;
    const head = headOf(key, shared, key.length);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#heads[middle] ?? 0;
      if (other < head || (other === head && keys.compareKey(middle, key) < 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Returns whether the key at a position is `key`. */
  isAt(at: number, key: Uint8Array, keys: SortedKeys): boolean {
    return (
      at >= 0 &&
      at < this.#count &&
      this.#heads[at] === headOf(key, this.#shared, key.length) &&
      keys.compareKey(at, key) === 0
    );
  }

  /** Called after `keys` got `key` at this position. */
  inserted(at: number, key: Uint8Array, keys: SortedKeys): void {
    invariant(at >= 0 && at <= this.#count, "a key is inserted before, between or after the others");
    if (this.#count === 0) {
      this.#example = key.slice();
      this.#shared = key.length;
    }
    if (this.#count === this.#heads.length) {
      const heads = this.#heads;
      this.#heads = new Uint32Array(this.#count + (this.#count >> 2) + 4);
      this.#heads.set(heads);
    }
    this.#heads.copyWithin(at + 1, at, this.#count);
    this.#count++;
    this.changed(at, key, keys);
  }

  /** Called after the key at this position became `key`. */
  changed(at: number, key: Uint8Array, keys: SortedKeys): void {
    invariant(at >= 0 && at < this.#count, "a key that is here changes");
    this.#heads[at] = headOf(key, this.#shared, key.length);
    const shared = sharedBytes(this.#example, this.#shared, key);
    if (shared < this.#shared) this.#share(keys, shared);
  }

  #share(keys: SortedKeys, shared: number): void {
    this.#shared = shared;
    for (let at = 0; at < this.#count; at++) this.#heads[at] = keys.headAt(at, shared);
  }
}

/** Returns the four bytes from `start` as a number; bytes at or after `end` count as 0. */
export function headOf(bytes: Uint8Array, start: number, end: number): number {
  let head = 0;
  for (let at = start; at < start + 4; at++) head = head * 256 + (at < end ? (bytes[at] ?? 0) : 0);
  return head;
}

/** Returns the number of bytes, at most `most`, with which both keys begin. */
function sharedBytes(one: Uint8Array, most: number, other: Uint8Array): number {
  const end = Math.min(most, other.length);
  let at = 0;
  while (at < end && one[at] === other[at]) at++;
  return at;
}

/** Returns whether `key` comes before `other`, from which it differs at byte `at`. */
function isBelow(key: Uint8Array, other: Uint8Array, at: number): boolean {
  return at === key.length || (key[at] ?? 0) < (other[at] ?? 0);
}
