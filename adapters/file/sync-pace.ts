import { invariant } from "../../src/raft/index.ts";

/** A larger write never waits on the event loop: copying and transferring it takes longer than two changes of thread. */
const largestBytes = 64 * 1024;

/** A sync on the event loop is quick below this time, in ms, plus the time for its bytes. */
const quickMs = 0.4;

/** Added to the quick time, in ms: the answer of a thread waits for the turn of the event loop that is running. */
const threadMs = 0.6;

/** Bytes that a quick disk transfers in a ms. */
const bytesPerMs = 256 * 1024;

/** After a single sync of this time on the event loop, in ms, the next one is not on it. */
export const SLOW_MS = 2;

/** Quick syncs in a row on threads after which the event loop is tried again. */
export const QUICK_IN_A_ROW = 64;

/** The weight of one sync in the average of the syncs on the event loop. */
const weight = 1 / 16;

/** A sync that ended. */
export interface EndedSync {
  readonly bytes: number;
  readonly tookMs: number;
  /** Whether the event loop waited for it. */
  readonly onLoop: boolean;
}

/**
 * Decides whether a write waits for its sync on the event loop or on a thread. Two changes of thread cost more CPU
 * than a quick sync takes, but while the loop waits, the process does nothing else. So only quick syncs are on the
 * loop: it is left after one sync of `SLOW_MS`, or as soon as syncs take more than the quick time on average. It is
 * tried again after `QUICK_IN_A_ROW` quick syncs on threads.
 */
export class SyncPace {
  #onLoop = true;
  /** The average time of syncs on the event loop, as a share of their quick time. Reset when the loop is left. */
  #share = 0;
  /** Quick syncs in a row on threads. 0 while syncs are on the event loop. */
  #quick = 0;

  /** Returns whether a write of so many bytes may wait for its sync on the event loop. */
  allowsLoop(bytes: number): boolean {
    return this.#onLoop && bytes <= largestBytes;
  }

  /** Called after each sync that succeeded or failed. */
  ended({ bytes, tookMs, onLoop }: EndedSync): void {
    invariant(bytes >= 0 && tookMs >= 0, "a sync has a size and a duration");
    invariant(!onLoop || this.allowsLoop(bytes), "the event loop waits only while syncs are quick");
    const limitMs = quickMs + bytes / bytesPerMs;
    if (onLoop) {
      this.#share += (tookMs / limitMs - this.#share) * weight;
      if (tookMs >= SLOW_MS || this.#share > 1) this.#leaveLoop();
    } else if (!this.#onLoop) {
      this.#quick = tookMs < limitMs + threadMs ? this.#quick + 1 : 0;
      this.#onLoop = this.#quick >= QUICK_IN_A_ROW;
      if (this.#onLoop) this.#quick = 0;
    }
    invariant(
      !onLoop || tookMs < SLOW_MS || !this.#onLoop,
      "after a slow sync the event loop does not wait again",
    );
  }

  #leaveLoop(): void {
    this.#onLoop = false;
    this.#share = 0;
  }
}
