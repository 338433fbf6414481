import type { BodyLimits } from "./body-limits.ts";

/** Why a body is given up: its sender is too slow, others need the memory more, or the replica is about to stop. */
export type BodyEnd = "slow" | "overtaken" | "draining";

/** A body that is being received. Times are those of the replica's clock, in ms. */
export class IncomingBody {
  readonly startedAt: number;
  /** Whether it is read in one piece; no byte is seen before its end then. */
  readonly isReadWhole: boolean;
  /** The share of the budget; grows if the sender did not say how much would come. */
  reservedBytes: number;
  #receivedBytes = 0;
  #lastByteAt: number;
  #end: BodyEnd | undefined;
  #whenEnded: ((why: BodyEnd) => void) | undefined;

  constructor(reservedBytes: number, isReadWhole: boolean, now: number) {
    this.reservedBytes = reservedBytes;
    this.isReadWhole = isReadWhole;
    this.startedAt = now;
    this.#lastByteAt = now;
  }

  received(bytes: number, now: number): void {
    this.#receivedBytes += bytes;
    this.#lastByteAt = now;
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Gives it up; what reads it learns why. */
  end(why: BodyEnd): void {
    this.#end ??= why;
    this.#whenEnded?.(this.#end);
  }

  /** Resolves as `part` does, or to why the body was given up in the meantime. */
  unlessEnded<Part>(part: Promise<Part>): Promise<Part | BodyEnd> {
    if (this.#end !== undefined) {
      part.catch(() => {});
      return Promise.resolve(this.#end);
    }
    return new Promise((resolve, reject) => {
      this.#whenEnded = resolve;
      part.then(resolve, reject);
    });
  }

  /** Bytes per ms. */
  rate(now: number): number {
    return this.#receivedBytes / Math.max(1, now - this.startedAt);
  }

  idleMs(now: number): number {
    return now - this.#lastByteAt;
  }

  /** Whether the sender has stalled, or is slower than it may be. */
  isTooSlow(now: number, { idleMs, minBytesPerSecond }: BodyLimits): boolean {
    const allowedMs = (bytes: number) => idleMs + (bytes / minBytesPerSecond) * 1000;
    if (this.isReadWhole) return now - this.startedAt > allowedMs(this.reservedBytes);
    return this.idleMs(now) > idleMs || now - this.startedAt > allowedMs(this.#receivedBytes);
  }
}
