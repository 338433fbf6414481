import { forgetEnd, whenEnded } from "./signal-end.ts";

/**
 * Something that is waited for: settled once, by an outcome or by a signal, whichever comes first.
 * Nothing stays registered at the signal after that.
 */
export class Deferred<Outcome> {
  readonly promise: Promise<Outcome>;
  #settle: ((outcome: Outcome) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: (() => void) | undefined;

  /** @param onAbort called when the signal ends the wait; it settles with what that means */
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
