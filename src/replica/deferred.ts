import { forgetEnd, whenEnded } from "./signal-end.ts";

/**
 * A promise that is settled once from outside: by an outcome or by a signal, whichever comes first. After that nothing
 * stays registered at the signal.
 */
export class Deferred<Outcome> {
  readonly promise: Promise<Outcome>;
  #settle: ((outcome: Outcome) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: (() => void) | undefined;

  /** @param onAbort called when the signal ends the wait. It settles with the outcome for that */
  constructor(signal: AbortSignal | undefined, onAbort: (pending: Deferred<Outcome>) => void) {
    this.promise = new Promise((resolve) => {
      this.#settle = resolve;
    });
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onEnd = () => onAbort(this);
    whenEnded(signal, this.#onEnd);
  }

  settle(outcome: Outcome): void {
    if (this.#signal !== undefined && this.#onEnd !== undefined) forgetEnd(this.#signal, this.#onEnd);
    this.#settle?.(outcome);
    this.#settle = undefined;
  }
}
