/** Of writes, as they come, for those who wait for them. */
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

  /** Measures `longestMs` anew from now on. */
  restart(): void {
    this.#lastMs = performance.now();
    this.#longestMs = 0;
  }

  /** @param startedAt when the write began that was acknowledged now */
  came(startedAt: number): void {
    this.#count++;
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#lastMs);
    this.#lastMs = now;
    const answered = this.#waiting.filter(({ since }) => startedAt >= since);
    this.#waiting = this.#waiting.filter(({ since }) => startedAt < since);
    for (const { resolve } of answered) resolve();
  }

  /** Waits for that of a write that begins after now; resolves to the moment it came. */
  async next(): Promise<number> {
    const since = performance.now();
    await new Promise<void>((resolve) => this.#waiting.push({ since, resolve }));
    return performance.now();
  }

  async more(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await this.next();
  }
}
