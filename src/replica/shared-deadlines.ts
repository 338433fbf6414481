import type { Clock } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";

/** A deadline. Dispose of it when the wait is over, so that no timer outlives its use. */
export interface Deadline extends Disposable {
  /** Shared with other waits, so a listener must be removed when its wait is over. */
  readonly signal: AbortSignal;
  /** Time of the deadline on the clock, in ms. Undefined if an outer signal may end it sooner. */
  readonly endsAtMs: number | undefined;
}

/**
 * Deadlines that share timers and signals. Deadlines of the same length that begin within an eighth of it end together:
 * no sooner than requested, and at most an eighth later.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #open: Map<number, TimerGroup> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns a deadline that ends after `ms`, or with `outer` if that is sooner. */
  after(ms: number, outer?: AbortSignal): Deadline {
    invariant(ms >= 0, "a wait has a duration");
    const shared = this.#groupOf(ms).join();
    if (outer === undefined) return shared;
    const controller = new AbortController();
    const end = () => controller.abort();
    const signals = [shared.signal, outer];
    for (const signal of signals) signal.addEventListener("abort", end, { once: true });
    if (outer.aborted) end();
    return {
      signal: controller.signal,
      endsAtMs: undefined,
      [Symbol.dispose]: () => {
        for (const signal of signals) signal.removeEventListener("abort", end);
        shared[Symbol.dispose]();
      },
    };
  }

  /** Returns a deadline for a part of a wait: it ends after `ms`, or with the whole. */
  within(whole: Deadline, ms: number): Deadline {
    if (whole.endsAtMs === undefined) return this.after(ms, whole.signal);
    return whole.endsAtMs <= this.#clock.now() + ms ? ofTheWhole(whole) : this.after(ms);
  }

  #groupOf(ms: number): TimerGroup {
    const now = this.#clock.now();
    const open = this.#open.get(ms);
    if (open !== undefined && now <= open.openUntilMs) return open;
    const group = new TimerGroup(this.#clock, ms, () => {
      if (this.#open.get(ms) === group) this.#open.delete(ms);
    });
    this.#open.set(ms, group);
    return group;
  }
}

/** Number of waits that share a signal. Node warns of a leak at more than ten listeners. */
const WAITS_PER_SIGNAL = 8;

/** The waits that end together. */
class TimerGroup {
  readonly openUntilMs: number;
  readonly endsAtMs: number;
  /** One for each signal. */
  readonly #controllers: AbortController[] = [];
  #newest = new AbortController();
  readonly #cancelTimer: () => void;
  readonly #onEmpty: () => void;
  #began = 0;
  #waits = 0;

  /** @param onEmpty called when its last wait is over */
  constructor(clock: Clock, ms: number, onEmpty: () => void) {
    const now = clock.now();
    const lastsMs = ms + ms / 8;
    this.openUntilMs = now + ms / 8;
    this.endsAtMs = now + lastsMs;
    this.#cancelTimer = clock.setTimer(lastsMs, () => {
      for (const controller of this.#controllers) controller.abort();
    });
    this.#onEmpty = onEmpty;
  }

  join(): Deadline {
    if (this.#began++ % WAITS_PER_SIGNAL === 0) {
      this.#newest = new AbortController();
      this.#controllers.push(this.#newest);
    }
    this.#waits++;
    return new GroupDeadline(this, this.#newest.signal);
  }

  leave(): void {
    invariant(this.#waits > 0, "a wait ends once");
    if (--this.#waits > 0) return;
    this.#cancelTimer();
    this.#onEmpty();
  }
}

/** The deadline of one wait, by the timer of its group. */
class GroupDeadline implements Deadline {
  readonly signal: AbortSignal;
  readonly endsAtMs: number;
  #groupOf: TimerGroup | undefined;

  constructor(group: TimerGroup, signal: AbortSignal) {
    this.#groupOf = group;
    this.signal = signal;
    this.endsAtMs = group.endsAtMs;
  }

  [Symbol.dispose](): void {
    this.#groupOf?.leave();
    this.#groupOf = undefined;
  }
}

function ofTheWhole({ signal, endsAtMs }: Deadline): Deadline {
  return { signal, endsAtMs, [Symbol.dispose]: () => {} };
}
