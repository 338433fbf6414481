/** Work under way that must end before what it works on may be disposed of. */
export class Unfinished {
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

  /** Resolves when all of it has ended, whatever was begun meanwhile included. */
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}
