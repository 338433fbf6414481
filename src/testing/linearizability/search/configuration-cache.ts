/**
 * The configurations that a search has visited (Lowe, "Testing for linearizability", 2017). A configuration is the set
 * of ordered operations and the resulting state. Continuations depend on nothing else, so none is visited twice.
 *
 * A configuration is also abandoned if a known one has the same known outcomes and state but fewer unknown ones.
 * Unknown operations never have to take effect, so every continuation here is possible there, too. With k writes of
 * unknown outcome this leaves about k configurations instead of 2^k.
 */
export class ConfigurationCache {
  readonly #knownWords: number;
  readonly #words: number;
  readonly #width: number;
  /** Records of [next in chain, hash, state, words…], one after another. */
  #records: Int32Array;
  /** For the low bits of each hash, the number of the first record of its chain, from 1. */
  #heads: Int32Array;
  #count = 0;

  constructor(words: { readonly known: number; readonly pending: number }) {
    this.#knownWords = words.known;
    this.#words = words.known + words.pending;
    this.#width = chainWords + this.#words;
    this.#records = new Int32Array(32 * this.#width);
    this.#heads = new Int32Array(64);
  }

  /**
   * Adds a configuration.
   *
   * @param placed a bit for each operation: words of known outcomes, then words of unknown ones
   * @param knownHash a hash of the words of known outcomes
   * @returns false if it needs no visit
   */
  add(placed: Int32Array, knownHash: number, state: number): boolean {
    const hash = knownHash ^ Math.imul(state + 1, 0x9e3779b1);
    const bucket = (hash ^ (hash >>> 15)) & (this.#heads.length - 1);
    const first = this.#heads[bucket] ?? 0;
    for (let record = first; record !== 0; record = this.#records[(record - 1) * this.#width] ?? 0) {
      if (this.#covers((record - 1) * this.#width, placed, hash, state)) return false;
    }
    this.#append(first, placed, hash, state);
    this.#heads[bucket] = this.#count;
    if (this.#count > this.#heads.length / 2) this.#grow();
    return true;
  }

  #covers(start: number, placed: Int32Array, hash: number, state: number): boolean {
    const records = this.#records;
    if (records[start + 1] !== hash || records[start + 2] !== state) return false;
    const words = start + chainWords;
    for (let word = 0; word < this.#knownWords; word++) {
      if (records[words + word] !== placed[word]) return false;
    }
    for (let word = this.#knownWords; word < this.#words; word++) {
      if (((records[words + word] ?? 0) & ~(placed[word] ?? 0)) !== 0) return false;
    }
    return true;
  }

  #append(next: number, placed: Int32Array, hash: number, state: number): void {
    const start = this.#count * this.#width;
    if (start === this.#records.length) {
      const larger = new Int32Array(2 * start);
      larger.set(this.#records);
      this.#records = larger;
    }
    this.#records[start] = next;
    this.#records[start + 1] = hash;
    this.#records[start + 2] = state;
    this.#records.set(placed, start + chainWords);
    this.#count++;
  }

  #grow(): void {
    this.#heads = new Int32Array(4 * this.#heads.length);
    for (let record = 1; record <= this.#count; record++) {
      const start = (record - 1) * this.#width;
      const hash = this.#records[start + 1] ?? 0;
      const bucket = (hash ^ (hash >>> 15)) & (this.#heads.length - 1);
      this.#records[start] = this.#heads[bucket] ?? 0;
      this.#heads[bucket] = record;
    }
  }
}

/** Next, hash and state. */
const chainWords = 3;
