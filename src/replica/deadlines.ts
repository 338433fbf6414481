import type { Clock } from "../ports/index.ts";

/** A deadline that was handed out. Release it when the wait is over, so that no timer outlives its use. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

interface Bucket {
  readonly openUntilMs: number;
  readonly cancel: () => void;
  readonly controllers: Set<AbortController>;
}

/**
 * Deadlines that share timers: those of the same length that begin within an eighth of it end together. One
 * ends no sooner than asked for, and an eighth later at most.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #open: Map<number, Bucket> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  after(ms: number): Deadline {
    const now = this.#clock.now();
    let bucket = this.#open.get(ms);
    if (bucket === undefined || now > bucket.openUntilMs) {
      bucket = this.#newBucket(ms, now);
      this.#open.set(ms, bucket);
    }
    const { controllers } = bucket;
    const controller = new AbortController();
    controllers.add(controller);
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        controllers.delete(controller);
        if (controllers.size === 0) this.#close(ms, bucket);
      },
    };
  }

  #newBucket(ms: number, now: number): Bucket {
    const controllers = new Set<AbortController>();
    const cancel = this.#clock.setTimer(ms + ms / 8, () => {
      for (const controller of controllers) controller.abort();
    });
    return { openUntilMs: now + ms / 8, cancel, controllers };
  }

  #close(ms: number, bucket: Bucket): void {
    bucket.cancel();
    if (this.#open.get(ms) === bucket) this.#open.delete(ms);
  }
}
