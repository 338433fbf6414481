/**
 * Something that is waited for: settled once, by an outcome or by a signal, whichever comes first.
 * Nothing stays registered at the signal after that.
 */
export class Pending<Outcome> {
  readonly promise: Promise<Outcome>;
  #settle: ((outcome: Outcome) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;

  /** @param onAbort called when the signal ends the wait; it settles with what that means */
  constructor(signal: AbortSignal | undefined, onAbort: (pending: Pending<Outcome>) => void) {
    this.promise = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#onAbort = () => onAbort(this);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  settle(outcome: Outcome): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#settle?.(outcome);
    this.#settle = undefined;
  }
}
