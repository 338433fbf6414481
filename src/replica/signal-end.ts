/** The shared listener of each signal. */
const waits = new WeakMap<AbortSignal, SharedListener>();

/**
 * Calls `onEnd` when a signal ends, unless {@link forgetEnd} is called first. All waits for one signal share a
 * listener, because to add and remove one costs more than the rest of a wait.
 */
export function whenEnded(signal: AbortSignal, onEnd: () => void): void {
  let shared = waits.get(signal);
  if (shared === undefined) {
    shared = new SharedListener(signal);
    waits.set(signal, shared);
  }
  shared.add(onEnd);
}

/** Cancels {@link whenEnded}. */
export function forgetEnd(signal: AbortSignal, onEnd: () => void): void {
  waits.get(signal)?.delete(onEnd);
}

class SharedListener {
  readonly #signal: AbortSignal;
  readonly #waits = new Set<() => void>();
  readonly #onAbort = () => this.#end();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(onEnd: () => void): void {
    if (this.#waits.size === 0) this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#waits.add(onEnd);
  }

  delete(onEnd: () => void): void {
    if (!this.#waits.delete(onEnd) || this.#waits.size > 0) return;
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #end(): void {
    const ended = [...this.#waits];
    this.#waits.clear();
    for (const onEnd of ended) onEnd();
  }
}
