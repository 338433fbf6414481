/** Gives equal values the same number, and returns the value of a number. */
export class Interned<Value> {
  readonly #numbers = new Map<string, number>();
  readonly #values: Value[] = [];

  get size(): number {
    return this.#values.length;
  }

  numberOf(value: Value): number {
    const key = textOf(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#values.length);
    return this.#values.push(value) - 1;
  }

  /** Returns the first value that equals this one. */
  shared(value: Value): Value {
    return this.valueOf(this.numberOf(value));
  }

  valueOf(number: number): Value {
    const value = this.#values[number];
    if (value === undefined) throw new RangeError(`number: nothing has the number ${number}`);
    return value;
  }
}

/** Returns the same text for equal values. Bytes are written as numbers, undefined is left out. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? [...inner] : inner));
}
