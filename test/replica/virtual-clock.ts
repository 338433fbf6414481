import type { Clock } from "../../src/ports/index.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that passes only when a test lets it, in jumps from timer to timer. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  /** In the order in which they were set: if two are due, the one set earlier fires first. */
  readonly #timers = new Set<Timer>();
  #deferred: (() => void)[] = [];

  now(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  /** Number of timers set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Runs what is ready, without letting time pass. */
  async idle(): Promise<void> {
    for (;;) {
      // All microtasks run before the next turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      const deferred = this.#deferred;
      if (deferred.length === 0) return;
      this.#deferred = [];
      for (const callback of deferred) callback();
    }
  }

  async elapse(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    do await this.idle();
    while (this.#goOff(endMs));
    this.#nowMs = endMs;
  }

  /** Lets time pass until a condition holds. Fails if it does not within the given time. */
  async until(condition: () => boolean, withinMs = 10_000): Promise<void> {
    const endMs = this.#nowMs + withinMs;
    for (;;) {
      await this.idle();
      if (condition()) return;
      if (!this.#goOff(endMs)) throw new Error(`not within ${withinMs} ms of virtual time`);
    }
  }

  /** Lets time pass until a promise is settled. */
  async settled<T>(promise: Promise<T>, withinMs = 10_000): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    await this.until(() => isSettled, withinMs);
    return promise;
  }

  #goOff(endMs: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.atMs < next.atMs) next = timer;
    if (next === undefined || next.atMs > endMs) return false;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.callback();
    return true;
  }
}
