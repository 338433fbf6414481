/**
 * The values that the gets of a partition returned. A value that starts none of them stays unseen until it is
 * overwritten, whatever is appended, so all such values may count as one: null. Where appends were taken in a wrong
 * order, or an unseen one was taken at all, the search meets one state instead of one for every order.
 */
export class SeenValues {
  readonly #sorted: readonly string[];

  constructor(values: readonly string[]) {
    this.#sorted = [...new Set(values)].sort();
  }

  /** The value itself if it starts one that was seen. */
  narrow(value: string): string | null {
    // Values that start with it follow it at once.
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
   * Whether a write may have been seen. Until the value is overwritten, what was put starts it, and what was appended
   * is in it.
   */
  couldShow({ type, value }: { readonly type: "put" | "append" | "cas"; readonly value: string }): boolean {
    return type === "append"
      ? this.#sorted.some((seen) => seen.includes(value))
      : this.narrow(value) !== null;
  }
}
