/**
 * A replica's source of time. In a simulation the time is virtual.
 *
 * @example
 * ```ts
 * import type { Clock } from "ruaft";
 *
 * // A clock for tests: time passes when the test says so.
 * class ManualClock implements Clock {
 *   #nowMs = 0;
 *   #timers: { readonly atMs: number; readonly callback: () => void }[] = [];
 *
 *   now(): number {
 *     return this.#nowMs;
 *   }
 *
 *   setTimer(delayMs: number, callback: () => void): () => void {
 *     const timer = { atMs: this.#nowMs + delayMs, callback };
 *     this.#timers.push(timer);
 *     return () => {
 *       this.#timers = this.#timers.filter((other) => other !== timer);
 *     };
 *   }
 *
 *   defer(callback: () => void): void {
 *     setTimeout(callback);
 *   }
 *
 *   pass(ms: number): void {
 *     this.#nowMs += ms;
 *     const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
 *     this.#timers = this.#timers.filter((timer) => !due.includes(timer));
 *     for (const { callback } of due) callback();
 *   }
 * }
 *
 * const clock = new ManualClock();
 * clock.setTimer(100, () => console.log(clock.now())); // 150
 * clock.pass(150);
 * ```
 */
export interface Clock {
  /** Returns ms since a fixed moment. Never decreases. */
  now(): number;
  /** Calls back once, after at least `delayMs`. @returns a function that cancels the timer */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Calls back once, after all I/O that is ready now was handled. */
  defer(callback: () => void): void;
}

/** A source of randomness: a number in [0, 1). */
export type Random = () => number;
