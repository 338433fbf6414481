/** The requests without a response so far. */
export class InFlight {
  /** The requests that arrived since the last call of `long`. */
  #young = new Set<Request>();
  #old = new Set<Request>();
  #whenEmpty: (() => void) | undefined;

  add(request: Request): void {
    this.#young.add(request);
  }

  /** Returns whether {@link long} has passed the request on. */
  remove(request: Request): boolean {
    const isLong = !this.#young.delete(request) && this.#old.delete(request);
    if (this.#young.size + this.#old.size === 0) this.#whenEmpty?.();
    return isLong;
  }

  /** Passes each request once that has been in flight longer than the interval between two calls. */
  long(tell: (request: Request) => void): void {
    for (const request of this.#young) {
      tell(request);
      this.#old.add(request);
    }
    this.#young = new Set();
  }

  empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#young.size + this.#old.size === 0) resolve();
      this.#whenEmpty = resolve;
    });
  }
}
