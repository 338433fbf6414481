import { invariant } from "../invariant-violation.ts";
import type { RaftLog } from "../log/log.ts";

/** First value and lower bound of the limit, in bytes. With less the batches would not be worth their sync. */
const LEAST_BYTES = 1 << 20;

interface Sample {
  /** The index of the measured entry. */
  readonly index: number;
  /** Size of the queue after the entry was appended, including it, in bytes. */
  readonly bytes: number;
  /** Size of the entries that this leadership had settled by then, in bytes. */
  readonly settledBytes: number;
  /** Time of the first `observe` after that, in ms. */
  sinceMs: number | undefined;
}

/**
 * How much a leader accepts while earlier entries wait to be settled: committed, and durable in its own log. Only
 * settled entries are applied and answered.
 *
 * If a queue drains more slowly than its clients give up, it is full of entries without a waiting client. Then every
 * answer comes too late, and throughput collapses. So the leader measures how fast the queue drains, one entry at a time,
 * and accepts what it can settle within `commitTargetMs`. It refuses the rest, which may be proposed again.
 */
export class Admission {
  /** Limit of the queue, in bytes. Proposals beyond it are refused. */
  limitBytes: number;
  /** Size of the queue, in bytes. */
  waitingBytes: number;
  readonly #mostBytes: number;
  readonly #leastBytes: number;
  readonly #targetMs: number;
  /** Every entry up to this index was settled at the last call of `settled`. */
  #settledIndex: number;
  /** Size of the entries settled since the start of the leadership, in bytes. */
  #settledBytes = 0;
  #sample: Sample | undefined;

  /** @param settledIndex at the start of the leadership */
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

  /** Returns whether an entry of this size may be appended. A single one always may. */
  admits(bytes: number): boolean {
    return this.waitingBytes === 0 || this.waitingBytes + bytes <= this.limitBytes;
  }

  /** An entry was appended. */
  accepted(index: number, bytes: number): void {
    invariant(index > this.#settledIndex, "a new entry is not settled");
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

  /** Measures the queue. Called at each step of the leader, after `settled`. */
  observe(now: number): void {
    const sample = this.#sample;
    if (sample === undefined) return;
    sample.sinceMs ??= now;
    const waitedMs = now - sample.sinceMs;
    if (this.#settledIndex >= sample.index) {
      this.#sample = undefined;
      // If the queue was short, it may drain faster than this sample shows.
      const least = waitedMs > this.#targetMs ? 0 : this.limitBytes;
      this.#drains(sample.bytes, waitedMs, least);
    } else if (waitedMs > this.#targetMs) {
      this.#drains(this.#settledBytes - sample.settledBytes, waitedMs, 0);
    }
  }

  /** Adapts the limit to `bytes` that drained in `withinMs`. It doubles at most. */
  #drains(bytes: number, withinMs: number, atLeast: number): void {
    const inTargetTime = Math.round((bytes * this.#targetMs) / Math.max(1, withinMs));
    const limitBytes = Math.max(this.#leastBytes, atLeast, Math.min(2 * this.limitBytes, inTargetTime));
    this.limitBytes = Math.min(this.#mostBytes, limitBytes);
    invariant(this.limitBytes >= this.#leastBytes, "the limit never falls below its minimum");
  }
}
