/** Asynchronous work that must end before the resources it uses are disposed of. */
export class TrackedWork {
  readonly #works = new Set<Promise<void>>();
  readonly #failed: (error: unknown) => void;

  /** @param failed called with what a piece of work rejected with */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  track(work: Promise<void>): void {
    const tracked = work.catch(this.#failed).finally(() => {
      this.#works.delete(tracked);
    });
    this.#works.add(tracked);
  }

  /** Resolves when all of it has ended, including work that began meanwhile. */
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}
