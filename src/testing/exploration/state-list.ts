/** A compact list of many short lists of numbers. */
export class StateList {
  #numbers = new Uint32Array(1 << 16);
  #used = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(state: readonly number[]): void {
    const end = this.#used + 1 + state.length;
    if (end > this.#numbers.length) {
      const larger = new Uint32Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#used] = state.length;
    this.#numbers.set(state, this.#used + 1);
    this.#used = end;
    this.#size++;
  }

  *[Symbol.iterator](): Generator<number[], undefined> {
    for (let at = 0; at < this.#used; ) {
      const length = this.#numbers[at] ?? 0;
      yield [...this.#numbers.subarray(at + 1, at + 1 + length)];
      at += 1 + length;
    }
    return undefined;
  }
}
