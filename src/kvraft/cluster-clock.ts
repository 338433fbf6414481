import { MAX_CLOCK_STEP_MS } from "../kv/index.ts";
import type { Clock } from "../ports/index.ts";

/** A longer time between two readings counts as this long, in ms: what a leader slept through ages nothing. */
const MAX_STEP_MS = 1000;

/** How often a leader reads its clock while sessions wait for their end, in ms. */
const TICK_MS = 500;

/** What the clock asks of the store. */
export interface TimedStore {
  /** Cluster time as of the last command applied, in ms. */
  readonly clockMs: number;
  /** Whether anything in the store ends when enough time has passed. */
  readonly hasLifetimes: boolean;
}

export interface ClusterClockOptions {
  /** Its monotonic time is all that is read. */
  readonly clock: Clock;
  readonly store: TimedStore;
}

/**
 * Cluster time: how long the cluster has had a working leader, in ms. Each leader counts on from what its store says,
 * by its monotonic clock; nobody's wall clock comes in. It is the stamp of every command.
 *
 * Cluster time never runs ahead of real time: of two entries of the log, the stamps differ by no more than the time
 * between their proposals. A leader reads the store's clock once it leads, so after every entry of earlier leaders was
 * proposed, and adds no more than what passed since.
 */
export class ClusterClock {
  readonly #clock: Clock;
  readonly #store: TimedStore;
  /** While this replica leads: cluster time at the last reading, and when that was. */
  #estimate: { readonly clusterMs: number; readonly readAtMs: number } | undefined;
  #cancelTick: (() => void) | undefined;

  constructor({ clock, store }: ClusterClockOptions) {
    this.#clock = clock;
    this.#store = store;
  }

  /** Cluster time in whole ms. While this replica does not lead it is the store's. */
  now(): number {
    if (this.#estimate === undefined) return this.#store.clockMs;
    const { clusterMs, readAtMs } = this.#estimate;
    const nowMs = this.#clock.now();
    const estimateMs = clusterMs + Math.min(nowMs - readAtMs, MAX_STEP_MS);
    const { clockMs } = this.#store;
    // The store takes no stamp further ahead than that.
    const next = Math.min(Math.max(estimateMs, clockMs), clockMs + MAX_CLOCK_STEP_MS);
    this.#estimate = { clusterMs: next, readAtMs: nowMs };
    this.#tickWhileNeeded();
    return Math.floor(next);
  }

  /** A leadership of this replica began: nothing that it counted before is of any value. */
  becameLeader(): void {
    this.#estimate = { clusterMs: this.#store.clockMs, readAtMs: this.#clock.now() };
    this.#tickWhileNeeded();
  }

  /** This replica does not lead, or has stopped. */
  stoppedLeading(): void {
    this.#estimate = undefined;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  /** Unread for longer than a second, the clock would lose time. */
  #tickWhileNeeded(): void {
    if (this.#cancelTick !== undefined || !this.#store.hasLifetimes) return;
    this.#cancelTick = this.#clock.setTimer(TICK_MS, () => {
      this.#cancelTick = undefined;
      this.now();
    });
  }
}
