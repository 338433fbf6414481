import { describe, expect, test } from "vitest";
import { Admission } from "../../../src/raft/tracker/admission.ts";

const MIB = 1 << 20;

/** A leader's queue that drains at a rate, looked at every 10 ms. */
class Queue {
  readonly admission: Admission;
  refused = 0;
  now = 0;
  bytesPerMs: number;
  /** The bytes of every entry, by its index; there is none at 0. */
  readonly #sizes = [0];
  #settledIndex = 0;
  #budget = 0;

  constructor(bytesPerMs: number) {
    this.bytesPerMs = bytesPerMs;
    const limits = { maxUncommittedBytes: 64 * MIB, commitTargetMs: 2000 };
    this.admission = new Admission(limits, this, 0);
  }

  get lastIndex(): number {
    return this.#sizes.length - 1;
  }

  bytesBetween(index: number, last: number): number {
    return this.#sizes.slice(index + 1, last + 1).reduce((total, bytes) => total + bytes, 0);
  }

  get awaitingBytes(): number {
    return this.bytesBetween(this.#settledIndex, this.lastIndex);
  }

  propose(bytes: number): void {
    if (!this.admission.admits(bytes)) {
      this.refused++;
      return;
    }
    this.#sizes.push(bytes);
    this.admission.accepted(this.lastIndex, bytes);
  }

  pass(ms: number, each: () => void = () => {}): void {
    for (const endMs = this.now + ms; this.now < endMs; this.now += 10) {
      each();
      this.#budget = Math.min(this.awaitingBytes, this.#budget + 10 * this.bytesPerMs);
      for (;;) {
        const bytes = this.#sizes[this.#settledIndex + 1];
        if (bytes === undefined || bytes > this.#budget) break;
        this.#settledIndex++;
        this.#budget -= bytes;
      }
      this.admission.settled(this, this.#settledIndex);
      this.admission.observe(this.now);
    }
  }
}

describe("admission: a leader accepts what it can commit in time", () => {
  test("a queue that drains in time is soon limited by the configuration alone", () => {
    const queue = new Queue(100 * 1024);
    queue.pass(200, () => queue.propose(MIB / 2));
    queue.refused = 0;
    queue.pass(5000, () => queue.propose(MIB / 2));
    expect(queue.refused).toBe(0);
    expect(queue.admission.limitBytes).toBe(64 * MIB);
  });

  test("offered four times the drained load, it accepts what drains in the target time", () => {
    const queue = new Queue(2 * 1024);
    queue.pass(20_000, () => queue.propose(80 * 1024));
    expect(queue.refused).toBeGreaterThan(0);
    expect(queue.awaitingBytes / (2 * 1024)).toBeLessThan(2500);
    expect(queue.awaitingBytes / (2 * 1024)).toBeGreaterThan(500);
  });

  test("the limit grows again once the queue drains quickly", () => {
    const queue = new Queue(2 * 1024);
    queue.pass(20_000, () => queue.propose(80 * 1024));
    queue.pass(10_000);
    expect(queue.awaitingBytes).toBe(0);
    queue.bytesPerMs = 100 * 1024;
    queue.pass(5000, () => queue.propose(MIB / 2));
    expect(queue.admission.limitBytes).toBe(64 * MIB);
  });

  test("the limit never falls below a batch that is worth a sync", () => {
    const queue = new Queue(1);
    queue.pass(60_000, () => queue.propose(100 * 1024));
    expect(queue.admission.limitBytes).toBe(MIB);
  });
});
