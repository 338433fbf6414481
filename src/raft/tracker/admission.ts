import { invariant } from "../invariant-violation.ts";
import type { RaftLog } from "../log/log.ts";

/** The limit begins with this and never falls below it, in bytes. Less would make batches that aren't worth their sync. */
const LEAST_BYTES = 1 << 20;

interface Sample {
  /** Of the entry whose way is measured. */
  readonly index: number;
  /** What was waiting once the entry was appended, the entry included, in bytes. */
  readonly bytes: number;
  /** What this leadership had settled by then, in bytes. */
  readonly settledBytes: number;
  /** When the leader first looked at the time after that, in ms. */
  sinceMs: number | undefined;
}

/**
 * How much a leader takes on while earlier entries wait to be settled: committed, and durable in its own log, for only
 * then are they applied and answered.
 *
 * A queue that drains more slowly than its clients give up is full of entries that nobody waits for any more, and
 * every answer comes too late: the load collapses. So the leader measures how fast the queue drains, one entry at a
 * time, and takes on what it can settle within `commitTargetMs`. The rest is refused, and may be tried again.
 */
export class Admission {
  /** Proposals that would make more than this wait are refused, in bytes. */
  limitBytes: number;
  /** The bytes of the entries that wait. */
  waitingBytes: number;
  readonly #mostBytes: number;
  readonly #leastBytes: number;
  readonly #targetMs: number;
  /** Every entry up to this one is settled, as far as was looked at. */
  #settledIndex: number;
  /** The bytes of the entries that were settled since the leadership began. */
  #settledBytes = 0;
  #sample: Sample | undefined;

  /** @param settledIndex when the leadership begins */
  constructor(
    { maxUncommittedBytes, commitTargetMs }: { maxUncommittedBytes: number; commitTargetMs: number },
    log: Pick<RaftLog, "lastIndex" | "bytesBetween">,
    settledIndex: number,
  ) {
    this.#mostBytes = maxUncommittedBytes;
    this.#leastBytes = Math.min(LEAST_BYTES, maxUncommittedBytes);
    this.#targetMs = commitTargetMs;
    this.#settledIndex = settledIndex;
    this.limitBytes = this.#leastBytes;
    this.waitingBytes = log.bytesBetween(settledIndex, log.lastIndex);
  }

  /** Whether an entry of so many bytes may be appended. One alone always may. */
  admits(bytes: number): boolean {
    return this.waitingBytes === 0 || this.waitingBytes + bytes <= this.limitBytes;
  }

  /** An entry was appended. */
  accepted(index: number, bytes: number): void {
    invariant(index > this.#settledIndex, "what was just appended is not settled");
    this.waitingBytes += bytes;
    const settledBytes = this.#settledBytes;
    this.#sample ??= { index, bytes: this.waitingBytes, settledBytes, sinceMs: undefined };
  }

  /** Every entry up to this one is committed and durable here. */
  settled(log: Pick<RaftLog, "bytesBetween">, settledIndex: number): void {
    if (settledIndex <= this.#settledIndex) return;
    const bytes = log.bytesBetween(this.#settledIndex, settledIndex);
    this.waitingBytes -= bytes;
    this.#settledBytes += bytes;
    this.#settledIndex = settledIndex;
    invariant(this.waitingBytes >= 0, "no more was settled than was waiting");
  }

  /** Looks at the time: asked at each step of the leader, after `settled`. */
  observe(now: number): void {
    const sample = this.#sample;
    if (sample === undefined) return;
    sample.sinceMs ??= now;
    const waitedMs = now - sample.sinceMs;
    if (this.#settledIndex >= sample.index) {
      this.#sample = undefined;
      // What was waiting was little, perhaps: then the queue may drain faster than this sample shows.
      const least = waitedMs > this.#targetMs ? 0 : this.limitBytes;
      this.#drains(sample.bytes, waitedMs, least);
    } else if (waitedMs > this.#targetMs) {
      this.#drains(this.#settledBytes - sample.settledBytes, waitedMs, 0);
    }
  }

  /** So many bytes drained within a time: the limit follows, and at most doubles. */
  #drains(bytes: number, withinMs: number, atLeast: number): void {
    const inTargetTime = Math.round((bytes * this.#targetMs) / Math.max(1, withinMs));
    const limitBytes = Math.max(this.#leastBytes, atLeast, Math.min(2 * this.limitBytes, inTargetTime));
    this.limitBytes = Math.min(this.#mostBytes, limitBytes);
    invariant(this.limitBytes >= this.#leastBytes, "the limit never falls below its least");
  }
}
