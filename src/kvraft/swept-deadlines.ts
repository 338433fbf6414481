import type { Clock } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";

/** A wait that a sweep may end. */
export interface SweptWait {
  /** Time on the clock, in ms. */
  readonly endsAtMs: number;
  /** Called once, after `endsAtMs`, unless the wait was deleted before. */
  timeUp(): void;
}

/** The most that a sweep is late, in ms. */
const MAX_LATENESS_MS = 250;

/**
 * Deadlines of waits that all may last equally long. One timer looks at them in turns, which costs less than a timer or a
 * signal each. A wait ends no sooner than requested, and later by at most an eighth of its length, or by 250 ms.
 */
export class SweptDeadlines {
  readonly #clock: Clock;
  readonly #lastsMs: number;
  /** In the order of their ends. */
  readonly #waits = new Set<SweptWait>();
  #isScheduled = false;
  #latestMs = 0;

  /** @param lastsMs of each wait */
  constructor(clock: Clock, lastsMs: number) {
    this.#clock = clock;
    this.#lastsMs = lastsMs;
  }

  /** Returns the end of a wait that begins now. */
  endsAtMs(): number {
    return this.#clock.now() + this.#lastsMs;
  }

  add(wait: SweptWait): void {
    invariant(wait.endsAtMs >= this.#latestMs, "waits of one length end in the order in which they began");
    this.#latestMs = wait.endsAtMs;
    this.#waits.add(wait);
    this.#schedule();
  }

  delete(wait: SweptWait): void {
    this.#waits.delete(wait);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.setTimer(Math.min(this.#lastsMs / 8, MAX_LATENESS_MS), () => {
      this.#isScheduled = false;
      this.#sweep();
    });
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const wait of this.#waits) {
      if (wait.endsAtMs > now) break;
      this.#waits.delete(wait);
      wait.timeUp();
    }
    if (this.#waits.size > 0) this.#schedule();
  }
}
