/**
 * Random numbers that depend on a seed alone (splitmix32): what a replica draws can be drawn again when its record is
 * replayed.
 *
 * @param seed a whole number; its low 32 bits count
 * @returns draws the next number, in [0, 1)
 * @example
 * ```ts
 * import { seededRandom } from "ruaft/core";
 *
 * const random = seededRandom(7);
 * console.log(random() === seededRandom(7)()); // true
 * ```
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
