import { MAX_CLOCK_STEP_MS } from "../kv/index.ts";
import type { Clock } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";

/** Limit of the time that counts between two readings, in ms: a suspended leader ages no session. */
const MAX_STEP_MS = 1000;

/** Interval at which a leader reads its clock while sessions can expire, in ms. */
const TICK_MS = 500;

/**
 * Time without a command after which a leader commits its time, in ms. Less than `MAX_CLOCK_STEP_MS`, so that no time of an idle
 * cluster is lost.
 */
const STAMP_AFTER_MS = 5 * 60_000;

/** The part of the store that the clock reads. */
export interface TimedStore {
  /** Cluster time of the last applied command, in ms. */
  readonly clockMs: number;
  /** Whether anything in the store can expire. */
  readonly hasLifetimes: boolean;
}

export interface ClusterClockOptions {
  /** Only its monotonic time is read. */
  readonly clock: Clock;
  readonly store: TimedStore;
  /** Called if the store's time lags far behind, while anything in it can expire. Should propose a command. */
  readonly stamp: () => void;
}

/**
 * Cluster time: for how long the cluster has had a working leader, in ms. Each leader continues from the time in its store,
 * by its monotonic clock; no wall clock is read. Every command carries it as its stamp.
 *
 * Cluster time never runs ahead of real time: the stamps of two log entries differ by no more than the time between their
 * proposals. A new leader starts from the store's time, when every entry of earlier leaders was already proposed. It adds at
 * most the time that has passed since.
 */
export class ClusterClock {
  readonly #clock: Clock;
  readonly #store: TimedStore;
  readonly #stamp: () => void;
  /** Cluster time of the last call of `stamp` in this leadership. */
  #stampedMs = 0;
  /** Cluster time at the last reading, and the clock's time then. Undefined unless this replica leads. */
  #estimate: { readonly clusterMs: number; readonly readAtMs: number } | undefined;
  #cancelTick: (() => void) | undefined;

  constructor({ clock, store, stamp }: ClusterClockOptions) {
    this.#clock = clock;
    this.#store = store;
    this.#stamp = stamp;
  }

  /** Returns cluster time in whole ms. If this replica does not lead, it is the store's. */
  now(): number {
    if (this.#estimate === undefined) return this.#store.clockMs;
    const { clusterMs, readAtMs } = this.#estimate;
    const nowMs = this.#clock.now();
    invariant(nowMs >= readAtMs, "time never falls");
    const estimateMs = clusterMs + Math.min(nowMs - readAtMs, MAX_STEP_MS);
    const { clockMs } = this.#store;
    // The store rejects stamps that are further ahead.
    const next = Math.min(Math.max(estimateMs, clockMs), clockMs + MAX_CLOCK_STEP_MS);
    invariant(next >= clusterMs, "docs/decisions/0011: cluster time never decreases during a leadership");
    this.#estimate = { clusterMs: next, readAtMs: nowMs };
    this.#tickWhileNeeded();
    return Math.floor(next);
  }

  /** A leadership of this replica began: starts again from the store's time. */
  becameLeader(): void {
    this.#estimate = { clusterMs: this.#store.clockMs, readAtMs: this.#clock.now() };
    this.#stampedMs = 0;
    this.#tickWhileNeeded();
  }

  /** This replica stopped leading, or stopped. */
  stoppedLeading(): void {
    this.#estimate = undefined;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  /** Reads the clock regularly, because more than {@link MAX_STEP_MS} between two readings would not count. */
  #tickWhileNeeded(): void {
    if (this.#cancelTick !== undefined || !this.#store.hasLifetimes) return;
    this.#cancelTick = this.#clock.setTimer(TICK_MS, () => {
      this.#cancelTick = undefined;
      invariant(this.#estimate !== undefined, "docs/decisions/0011: only a leader counts cluster time");
      this.#stampIfDue(this.now());
    });
  }

  /** Commits the time of an idle cluster: otherwise the next leader would not know it. */
  #stampIfDue(nowMs: number): void {
    invariant(
      nowMs >= this.#stampedMs,
      "docs/decisions/0011: cluster time never decreases during a leadership",
    );
    if (nowMs - Math.max(this.#stampedMs, this.#store.clockMs) < STAMP_AFTER_MS) return;
    this.#stampedMs = nowMs;
    this.#stamp();
  }
}
