/** The acknowledgements of writes, for those who wait for them. */
export class Acknowledgements {
  #count = 0;
  #lastMs: number = performance.now();
  #longestMs = 0;
  #waiting: { readonly since: number; readonly resolve: () => void }[] = [];

  get count(): number {
    return this.#count;
  }

  /** The longest time between two, in ms, since the last `restart`. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Restarts the measurement of `longestMs`. */
  restart(): void {
    this.#lastMs = performance.now();
    this.#longestMs = 0;
  }

  /** @param startedAt the start of the acknowledged write */
  came(startedAt: number): void {
    this.#count++;
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#lastMs);
    this.#lastMs = now;
    const answered = this.#waiting.filter(({ since }) => startedAt >= since);
    this.#waiting = this.#waiting.filter(({ since }) => startedAt < since);
    for (const { resolve } of answered) resolve();
  }

  /** Waits for the acknowledgement of a write that starts after now. Resolves to its time. */
  async next(): Promise<number> {
    const since = performance.now();
    await new Promise<void>((resolve) => this.#waiting.push({ since, resolve }));
    return performance.now();
  }

  async more(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await this.next();
  }
}
