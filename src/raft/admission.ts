import { invariant } from "./invariant-violation.ts";

/** The limit never falls below this, in bytes. Less would make batches smaller than disks and links bear. */
const LEAST_BYTES = 1 << 20;

interface Sample {
  /** Of the entry whose way is measured. */
  readonly index: number;
  /** What awaited its commit once the entry was appended, the entry included, in bytes. */
  readonly bytes: number;
  /** What this leadership had committed by then, in bytes. */
  readonly committedBytes: number;
  /** When the leader first looked at the time after that, in ms. */
  sinceMs: number | undefined;
}

/**
 * How much a leader takes on while earlier entries await their commit.
 *
 * A queue that drains more slowly than its clients give up is full of entries that nobody waits for any more, and
 * every answer comes too late: the load collapses. So the leader measures how fast the queue drains, one entry at a
 * time, and takes on what it can commit within `commitTargetMs`. The rest is refused, and may be tried again.
 */
export class Admission {
  /** Proposals that would make more than this await their commit are refused, in bytes. */
  limitBytes: number;
  readonly #mostBytes: number;
  readonly #leastBytes: number;
  readonly #targetMs: number;
  #acceptedBytes: number;
  #sample: Sample | undefined;

  /** @param awaitingBytes what awaits its commit when the leadership begins */
  constructor(
    { maxUncommittedBytes, commitTargetMs }: { maxUncommittedBytes: number; commitTargetMs: number },
    awaitingBytes: number,
  ) {
    this.#mostBytes = maxUncommittedBytes;
    this.#leastBytes = Math.min(LEAST_BYTES, maxUncommittedBytes);
    this.#targetMs = commitTargetMs;
    this.#acceptedBytes = awaitingBytes;
    this.limitBytes = maxUncommittedBytes;
  }

  /**
   * An entry was appended.
   *
   * @param awaitingBytes what awaits its commit now, the entry included
   */
  accepted(index: number, entryBytes: number, awaitingBytes: number): void {
    this.#acceptedBytes += entryBytes;
    const committedBytes = this.#acceptedBytes - awaitingBytes;
    invariant(committedBytes >= 0, "no more awaits its commit than was accepted");
    this.#sample ??= { index, bytes: awaitingBytes, committedBytes, sinceMs: undefined };
  }

  /** Looks at the time: asked at each step of the leader. */
  observe(commitIndex: number, awaitingBytes: number, now: number): void {
    const sample = this.#sample;
    if (sample === undefined) return;
    sample.sinceMs ??= now;
    const waitedMs = now - sample.sinceMs;
    if (commitIndex >= sample.index) {
      this.#sample = undefined;
      if (waitedMs > this.#targetMs) this.#drains(sample.bytes, waitedMs);
      else if (2 * waitedMs < this.#targetMs) this.#limit(2 * this.limitBytes);
    } else if (waitedMs > this.#targetMs) {
      this.#drains(this.#acceptedBytes - awaitingBytes - sample.committedBytes, waitedMs);
    }
  }

  #drains(bytes: number, withinMs: number): void {
    this.#limit((bytes * this.#targetMs) / withinMs);
  }

  #limit(bytes: number): void {
    this.limitBytes = Math.min(this.#mostBytes, Math.max(this.#leastBytes, Math.round(bytes)));
  }
}
