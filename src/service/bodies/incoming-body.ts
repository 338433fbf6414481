import type { BodyLimits } from "./body-limits.ts";

/** Why a body was abandoned: its sender is too slow, others need the memory, or the replica is about to stop. */
export type BodyEnd = "slow" | "overtaken" | "draining";

/** A body that is being received. Times are in ms on the replica's clock. */
export class IncomingBody {
  readonly startedAt: number;
  /** Whether the body is read in one piece. Then no byte is seen before its end. */
  readonly isReadWhole: boolean;
  /** Memory reserved, in bytes. Grows if the sender declared no length. */
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

  /** Abandons the body. Its reader gets the reason. */
  end(why: BodyEnd): void {
    this.#end ??= why;
    this.#whenEnded?.(this.#end);
  }

  /** Calls back if the body is abandoned, at once if it is. */
  whenEnded(ended: (why: BodyEnd) => void): void {
    this.#whenEnded = ended;
    if (this.#end !== undefined) ended(this.#end);
  }

  /** Resolves like `part`, or to the reason if the body is abandoned first. */
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

  /** Returns bytes per ms. */
  rate(now: number): number {
    return this.#receivedBytes / Math.max(1, now - this.startedAt);
  }

  idleMs(now: number): number {
    return now - this.#lastByteAt;
  }

  /** Returns whether the sender has stalled, or sends below the minimum rate. */
  isTooSlow(now: number, { idleMs, minBytesPerSecond }: BodyLimits): boolean {
    const allowedMs = (bytes: number) => idleMs + (bytes / minBytesPerSecond) * 1000;
    if (this.isReadWhole) return now - this.startedAt > allowedMs(this.reservedBytes);
    return this.idleMs(now) > idleMs || now - this.startedAt > allowedMs(this.#receivedBytes);
  }
}
