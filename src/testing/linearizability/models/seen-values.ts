/**
 * The values that a partition's gets returned. A value that is no prefix of one of them stays unobserved until it is
 * overwritten by an append. So all such values count as one: null. If appends were ordered wrongly, or an
 * unobserved one was included at all, the search meets one state instead of one for each order.
 */
export class SeenValues {
  readonly #sorted: readonly string[];

  constructor(values: readonly string[]) {
    this.#sorted = [...new Set(values)].sort();
  }

  /** Returns the value if it is a prefix of an observed one, otherwise null. */
  narrow(value: string): string | null {
    // In sorted order, the values that start with it directly follow it.
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? "") < value) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(value) ? value : null;
  }

  /**
   * Returns whether a write may have been observed. Until the value is overwritten, it starts with what was put, and
   * contains what was appended.
   */
  couldShow({ type, value }: { readonly type: "put" | "append" | "cas"; readonly value: string }): boolean {
    return type === "append"
      ? this.#sorted.some((seen) => seen.includes(value))
      : this.narrow(value) !== null;
  }
}
