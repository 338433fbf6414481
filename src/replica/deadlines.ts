import type { Clock } from "../ports/index.ts";

/** A deadline that was handed out. Release it when the wait is over, so that no timer outlives its use. */
export interface Deadline extends Disposable {
  /** Shared with other waits: whoever listens to it stops to listen when the wait is over. */
  readonly signal: AbortSignal;
  /** When it ends, on the clock; undefined where it may end sooner, with a signal from elsewhere. */
  readonly endsAtMs: number | undefined;
}

/** The waits that end together. */
interface Bucket {
  readonly openUntilMs: number;
  readonly endsAtMs: number;
  /** Of the waits that began, each of the controllers ends some. */
  readonly controllers: AbortController[];
  readonly cancel: () => void;
  began: number;
  waits: number;
}

/** How many waits share a signal. Node warns of a leak where more than ten listen to one. */
const WAITS_PER_SIGNAL = 8;

/**
 * Deadlines that share timers and signals: those of the same length that begin within an eighth of it end together.
 * One ends no sooner than asked for, and an eighth later at most.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #open: Map<number, Bucket> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A signal that ends a wait after `ms`, or with `outer`, whichever comes first. */
  after(ms: number, outer?: AbortSignal): Deadline {
    const shared = this.#join(ms);
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

  /** A signal that ends a part of a wait after `ms`, or with the whole of it. */
  within(whole: Deadline, ms: number): Deadline {
    if (whole.endsAtMs === undefined) return this.after(ms, whole.signal);
    return whole.endsAtMs <= this.#clock.now() + ms ? ofTheWhole(whole) : this.after(ms);
  }

  #join(ms: number): Deadline {
    const now = this.#clock.now();
    let bucket = this.#open.get(ms);
    if (bucket === undefined || now > bucket.openUntilMs) {
      bucket = this.#newBucket(ms, now);
      this.#open.set(ms, bucket);
    }
    return new Share(bucket, nextSignal(bucket), () => {
      if (this.#open.get(ms) === bucket) this.#open.delete(ms);
    });
  }

  #newBucket(ms: number, now: number): Bucket {
    const controllers: AbortController[] = [];
    const lastsMs = ms + ms / 8;
    const cancel = this.#clock.setTimer(lastsMs, () => {
      for (const controller of controllers) controller.abort();
    });
    return {
      openUntilMs: now + ms / 8,
      endsAtMs: now + lastsMs,
      controllers,
      cancel,
      began: 0,
      waits: 0,
    };
  }
}

/** One wait's part in a bucket. */
class Share implements Deadline {
  readonly signal: AbortSignal;
  readonly #bucket: Bucket;
  readonly #onLast: () => void;
  #released = false;

  constructor(bucket: Bucket, signal: AbortSignal, onLast: () => void) {
    this.#bucket = bucket;
    this.signal = signal;
    this.#onLast = onLast;
  }

  get endsAtMs(): number {
    return this.#bucket.endsAtMs;
  }

  [Symbol.dispose](): void {
    if (this.#released) return;
    this.#released = true;
    if (--this.#bucket.waits > 0) return;
    this.#bucket.cancel();
    this.#onLast();
  }
}

function nextSignal(bucket: Bucket): AbortSignal {
  const { controllers } = bucket;
  bucket.waits++;
  const last = controllers.at(-1);
  const isFull = bucket.began++ % WAITS_PER_SIGNAL === 0;
  if (last !== undefined && !isFull) return last.signal;
  const controller = new AbortController();
  controllers.push(controller);
  return controller.signal;
}

function ofTheWhole({ signal, endsAtMs }: Deadline): Deadline {
  return { signal, endsAtMs, [Symbol.dispose]: () => {} };
}
