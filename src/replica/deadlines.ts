import type { Clock } from "../ports/index.ts";

/** A deadline that was handed out. Release it when the wait is over, so that no timer outlives its use. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** The waits that share a timer. */
interface Bucket {
  readonly openUntilMs: number;
  readonly cancel: () => void;
  readonly endings: Set<() => void>;
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

  /** A signal that ends a wait after `ms`, or with `outer`, whichever comes first. */
  after(ms: number, outer?: AbortSignal): Deadline {
    const controller = new AbortController();
    const end = () => controller.abort();
    const release = this.#add(ms, end);
    if (outer?.aborted) end();
    outer?.addEventListener("abort", end, { once: true });
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        release();
        outer?.removeEventListener("abort", end);
      },
    };
  }

  /** @returns releases the wait */
  #add(ms: number, ending: () => void): () => void {
    const now = this.#clock.now();
    let bucket = this.#open.get(ms);
    if (bucket === undefined || now > bucket.openUntilMs) {
      bucket = this.#newBucket(ms, now);
      this.#open.set(ms, bucket);
    }
    const { endings, cancel } = bucket;
    endings.add(ending);
    return () => {
      if (!endings.delete(ending) || endings.size > 0) return;
      cancel();
      if (this.#open.get(ms)?.endings === endings) this.#open.delete(ms);
    };
  }

  #newBucket(ms: number, now: number): Bucket {
    const endings = new Set<() => void>();
    const cancel = this.#clock.setTimer(ms + ms / 8, () => {
      for (const ending of endings) ending();
    });
    return { openUntilMs: now + ms / 8, cancel, endings };
  }
}
