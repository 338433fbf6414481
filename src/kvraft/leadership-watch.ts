import { invariant, type ReplicaId } from "../raft/index.ts";
import type { Leadership } from "./leadership.ts";

/** A signal for one wait. Dispose it when the wait is over. */
export interface WatchedWait extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Ends a clerk's waits when the leadership changes. It listens only during waits, so that an unused clerk can be
 * garbage-collected.
 */
export class LeadershipWatch {
  readonly #leadership: Leadership | undefined;
  readonly #onChange: () => void;
  /** By the signal of the whole wait. All waits with the same signal share one derived signal. */
  readonly #waits = new Map<AbortSignal, SharedWait>();
  #stopListening: () => void = () => {};
  #lastLeader: ReplicaId | undefined;
  #changes = 0;

  /** @param onChange called after each change, before the waits end */
  constructor(leadership: Leadership | undefined, onChange: () => void) {
    this.#leadership = leadership;
    this.#onChange = onChange;
  }

  /** Number of changes so far. */
  get changes(): number {
    return this.#changes;
  }

  /** Whether the leadership is observed at all. */
  get isObserved(): boolean {
    return this.#leadership !== undefined;
  }

  leader(): ReplicaId | undefined {
    return this.#leadership?.leader();
  }

  /** Returns a signal that ends with `whole`, or at the next change of the leadership, whichever is first. */
  within(whole: AbortSignal): WatchedWait {
    if (this.#leadership === undefined) return { signal: whole, [Symbol.dispose]: () => {} };
    if (this.#waits.size === 0) this.#listen(this.#leadership);
    let shared = this.#waits.get(whole);
    if (shared === undefined) {
      const added = new SharedWait(whole, () => this.#remove(whole, added));
      this.#waits.set(whole, added);
      shared = added;
    }
    return shared.join();
  }

  #listen(leadership: Leadership): void {
    this.#stopListening = leadership.changed(() => this.#changed());
    if (leadership.leader() !== this.#lastLeader) this.#note();
  }

  #changed(): void {
    const waits = [...this.#waits.values()];
    this.#waits.clear();
    this.#stopListening();
    this.#note();
    for (const wait of waits) wait.end();
  }

  #note(): void {
    this.#lastLeader = this.leader();
    this.#changes++;
    this.#onChange();
  }

  #remove(whole: AbortSignal, wait: SharedWait): void {
    if (this.#waits.get(whole) !== wait) return;
    this.#waits.delete(whole);
    if (this.#waits.size === 0) this.#stopListening();
  }
}

/** The waits that share one derived signal. */
class SharedWait {
  readonly #controller = new AbortController();
  readonly #whole: AbortSignal;
  readonly #onWholeEnded = () => this.end();
  readonly #onEmpty: () => void;
  #waits = 0;

  constructor(whole: AbortSignal, onEmpty: () => void) {
    this.#whole = whole;
    this.#onEmpty = onEmpty;
    if (whole.aborted) this.#controller.abort();
    else whole.addEventListener("abort", this.#onWholeEnded, { once: true });
  }

  join(): WatchedWait {
    invariant(
      !this.#controller.signal.aborted || this.#whole.aborted,
      "docs/decisions/0017: a change of the leadership ends only the waits that began before it",
    );
    this.#waits++;
    let isOver = false;
    return {
      signal: this.#controller.signal,
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        if (--this.#waits === 0) this.#leave();
      },
    };
  }

  end(): void {
    this.#controller.abort();
  }

  #leave(): void {
    this.#whole.removeEventListener("abort", this.#onWholeEnded);
    this.#onEmpty();
  }
}
