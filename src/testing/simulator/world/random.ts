/**
 * A stream of random integers (splitmix32), equal for a seed on every engine. `fork` creates one stream for each
 * concern and entity, so that an additional draw in one does not shift the others.
 *
 * @example
 * ```ts
 * import { RandomStream } from "ruaft/testing/simulator";
 *
 * const random = new RandomStream(7);
 * const die = random.between(1, 6);
 * console.log(die === new RandomStream(7).between(1, 6)); // true
 * ```
 */
export class RandomStream {
  readonly #seed: number;
  #state: number;

  /** @param seed any integer; its low 32 bits are used */
  constructor(seed: number) {
    this.#seed = mix(seed >>> 0);
    this.#state = this.#seed;
  }

  /**
   * Returns an independent stream, which depends only on the seed and the name, not on earlier draws.
   *
   * @param name what the stream is for
   */
  fork(name: string | number): RandomStream {
    return new RandomStream(Math.imul(this.#seed, 0x9e3779b1) ^ hashOf(String(name)));
  }

  /** From 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mix(this.#state);
  }

  /** From 0 to `count - 1`. */
  below(count: number): number {
    return this.next() % count;
  }

  /** From `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** Returns true `permille` times in a thousand. Draws nothing if that is 0. */
  chance(permille: number): boolean {
    return permille > 0 && this.below(1000) < permille;
  }

  /**
   * Returns one of the items.
   *
   * @param items at least one
   * @throws RangeError if there is none
   */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("items: at least one is required");
    return item;
  }

  /** Returns the stream in the form of the `Random` port: numbers in [0, 1). */
  unit(): () => number {
    return () => this.next() / 4294967296;
  }
}

function mix(value: number): number {
  let z = value >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/** FNV-1a. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** FNV-1a over bytes, continuing from `hash`. */
export function hashOfBytes(bytes: Uint8Array, hash = 0x811c9dc5): number {
  let result = hash;
  for (let i = 0; i < bytes.length; i++) result = Math.imul(result ^ (bytes[i] ?? 0), 0x01000193);
  return result >>> 0;
}
