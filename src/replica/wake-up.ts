import type { Clock } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";

/**
 * The one timer of a replica. If the deadline moves later, the timer stays: it fires early once and is set again, which
 * costs less than setting it at every message.
 */
export class WakeUp {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #setForMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Calls `wake` at `deadlineMs`, a time on the clock, or never if it is infinite. */
  by(deadlineMs: number): void {
    invariant(!Number.isNaN(deadlineMs), "a deadline is a time, or infinite");
    this.#deadlineMs = deadlineMs;
    if (deadlineMs < this.#setForMs) this.#set(deadlineMs);
  }

  cancel(): void {
    this.#cancel();
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#setForMs = Number.POSITIVE_INFINITY;
  }

  #set(deadlineMs: number): void {
    this.#cancel();
    this.#setForMs = deadlineMs;
    this.#cancel = this.#clock.setTimer(Math.max(0, deadlineMs - this.#clock.now()), () => this.#goOff());
  }

  #goOff(): void {
    invariant(this.#setForMs <= this.#deadlineMs, "a timer goes off no later than its deadline");
    this.#setForMs = Number.POSITIVE_INFINITY;
    if (this.#clock.now() >= this.#deadlineMs) this.#wake();
    else if (this.#deadlineMs < Number.POSITIVE_INFINITY) this.#set(this.#deadlineMs);
  }
}
