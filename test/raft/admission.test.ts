import { describe, expect, test } from "vitest";
import { Admission } from "../../src/raft/admission.ts";

const MIB = 1 << 20;

/** A leader's queue that drains at a rate, looked at every 10 ms. */
class Queue {
  readonly admission = new Admission({ maxUncommittedBytes: 64 * MIB, commitTargetMs: 2000 }, 0);
  awaitingBytes = 0;
  refused = 0;
  now = 0;
  readonly #bytesPerMs: number;
  readonly #entries: { index: number; bytes: number }[] = [];
  #lastIndex = 0;
  #commitIndex = 0;
  #budget = 0;

  constructor(bytesPerMs: number) {
    this.#bytesPerMs = bytesPerMs;
  }

  propose(bytes: number): void {
    if (this.awaitingBytes > 0 && this.awaitingBytes + bytes > this.admission.limitBytes) {
      this.refused++;
      return;
    }
    this.awaitingBytes += bytes;
    this.#entries.push({ index: ++this.#lastIndex, bytes });
    this.admission.accepted(this.#lastIndex, bytes, this.awaitingBytes);
  }

  pass(ms: number, each: () => void = () => {}): void {
    for (const endMs = this.now + ms; this.now < endMs; this.now += 10) {
      each();
      this.#budget = Math.min(this.awaitingBytes, this.#budget + 10 * this.#bytesPerMs);
      for (
        let [first] = this.#entries;
        first !== undefined && first.bytes <= this.#budget;
        [first] = this.#entries
      ) {
        this.#entries.shift();
        this.#budget -= first.bytes;
        this.awaitingBytes -= first.bytes;
        this.#commitIndex = first.index;
      }
      this.admission.observe(this.#commitIndex, this.awaitingBytes, this.now);
    }
  }
}

describe("admission: a leader takes on what it can commit in time", () => {
  test("a queue that drains in time is limited by the configuration alone", () => {
    const queue = new Queue(100 * 1024);
    queue.pass(5000, () => queue.propose(MIB / 2));
    expect(queue.refused).toBe(0);
    expect(queue.admission.limitBytes).toBe(64 * MIB);
  });

  test("of four times what drains, as much is taken on as drains in the target time", () => {
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
    queue.pass(5000, () => queue.propose(1024));
    expect(queue.admission.limitBytes).toBe(64 * MIB);
  });

  test("it never falls below what makes a batch worth its sync", () => {
    const queue = new Queue(1);
    queue.pass(60_000, () => queue.propose(100 * 1024));
    expect(queue.admission.limitBytes).toBe(MIB);
  });
});
