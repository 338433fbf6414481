import { describe, expect, test } from "vitest";
import { Pace } from "../../../src/raft/tracker/pace.ts";

const timeoutMs = 300;
const mb = 1_000_000;

/** A pace with messages up to 1 MB, reached on a fast link. */
function quick(): Pace {
  const pace = new Pace(timeoutMs);
  while (pace.messageBytes(mb) < mb) pace.answered({ bytes: pace.messageBytes(mb), tookMs: 5, silentMs: 5 });
  return pace;
}

describe("the size of a message", () => {
  test("begins at 16 KiB and doubles with each reply, up to the configured limit", () => {
    const pace = new Pace(timeoutMs);
    const sizes = Array.from({ length: 7 }, () => {
      const bytes = pace.messageBytes(mb);
      pace.answered({ bytes, tookMs: 5, silentMs: 5 });
      return bytes;
    });
    expect(sizes).toEqual([16384, 32768, 65536, 131072, 262144, 524288, mb]);
  });

  test("is halved by one that delays the peer's replies", () => {
    const pace = quick();
    pace.answered({ bytes: mb, tookMs: 2000, silentMs: 2000 });
    expect(pace.messageBytes(mb)).toBe(mb / 2);
    pace.answered({ bytes: mb / 2, tookMs: 100, silentMs: 100 });
    expect(pace.messageBytes(mb), "near the limit it stays as it is").toBe(mb / 2);
  });

  test("stays as it is on a link on which heartbeats overtake a long message", () => {
    const pace = quick();
    pace.answered({ bytes: mb, tookMs: 2000, silentMs: 50 });
    expect(pace.messageBytes(mb)).toBe(mb);
  });

  test("is halved when a call's time is over, down to 16 KiB", () => {
    const pace = quick();
    for (let n = 0, bytes = mb; n < 10; n++, bytes = pace.messageBytes(mb)) {
      pace.overdue(bytes, false);
    }
    expect(pace.messageBytes(mb)).toBe(16 << 10);
  });

  test("is left alone by small messages: a peer that pauses does not make them smaller", () => {
    const pace = quick();
    pace.answered({ bytes: 100, tookMs: 5000, silentMs: 5000 });
    pace.overdue(100, true);
    expect(pace.messageBytes(mb)).toBe(mb);
  });

  test("a configuration below 16 KiB holds", () => {
    expect(new Pace(timeoutMs).messageBytes(100)).toBe(100);
  });
});

describe("the patience", () => {
  const patienceOf = (pace: Pace, bytes: number) => pace.patienceMs(bytes);

  test("is half an election timeout for a small message to a peer that is quick", () => {
    expect(patienceOf(new Pace(timeoutMs), 0)).toBe(150);
  });

  test("follows the bytes at 64 KB/s before anything is known", () => {
    expect(patienceOf(new Pace(timeoutMs), mb)).toBeCloseTo(150 + mb / 64);
  });

  test("is twice the time of a message of that size, and follows the assumption beyond twice the size", () => {
    const pace = new Pace(timeoutMs);
    pace.answered({ bytes: mb / 10, tookMs: 200, silentMs: 0 });
    expect(patienceOf(pace, mb / 10)).toBeCloseTo(150 + 400);
    expect(patienceOf(pace, mb)).toBeCloseTo(150 + 2 * 400 + (0.8 * mb) / 64);
  });

  test("is not misled by a burst: the time of a small message says nothing about a large one", () => {
    const pace = new Pace(timeoutMs);
    pace.answered({ bytes: mb, tookMs: 2000, silentMs: 0 });
    for (let n = 0; n < 100; n++) pace.answered({ bytes: 32 << 10, tookMs: 1, silentMs: 0 });
    expect(patienceOf(pace, mb)).toBeGreaterThan(4000);
  });

  test("doubles with each large message that was given up, until one is answered", () => {
    const pace = new Pace(timeoutMs);
    const before = patienceOf(pace, mb);
    for (let n = 0; n < 3; n++) pace.overdue(mb, true);
    expect(patienceOf(pace, mb)).toBe(8 * before);
    pace.answered({ bytes: 100, tookMs: 5, silentMs: 0 });
    expect(patienceOf(pace, mb), "a network that loses much is not slow").toBe(before);
  });

  test("for a small message is at most four election timeouts, plus the time for its bytes", () => {
    const pace = new Pace(timeoutMs);
    pace.answered({ bytes: 100, tookMs: 3000, silentMs: 0 });
    expect(patienceOf(pace, 0)).toBe(1200);
    pace.overdue(100, true);
    expect(patienceOf(pace, 6400)).toBe(1200 + 200);
    expect(patienceOf(pace, 64_000)).toBeGreaterThan(12_000);
  });

  test("learns nothing about a peer without replies meanwhile", () => {
    const pace = new Pace(timeoutMs);
    pace.overdue(mb, false);
    expect(patienceOf(pace, mb)).toBeCloseTo(150 + mb / 64);
  });

  test("falls again with a peer that is quick again", () => {
    const pace = new Pace(timeoutMs);
    pace.answered({ bytes: 100, tookMs: 3000, silentMs: 0 });
    for (let n = 0; n < 40; n++) pace.answered({ bytes: 100, tookMs: 2, silentMs: 0 });
    expect(patienceOf(pace, 0)).toBe(150);
  });

  test("has an end", () => {
    const pace = new Pace(timeoutMs);
    for (let n = 0; n < 30; n++) pace.overdue(mb, true);
    expect(patienceOf(pace, mb)).toBe(512 * timeoutMs);
  });
});

test("deadlines have few values, so that calls share timers, and are later than the patience", () => {
  const pace = new Pace(timeoutMs);
  expect(pace.deadlineMs(0, 1200)).toBe(1200);
  expect(pace.deadlineMs(1000, 1200)).toBe(1200);
  const lengths = new Set([mb, 1.1 * mb, 1.2 * mb].map((bytes) => pace.deadlineMs(bytes, 1200)));
  expect([...lengths]).toEqual([1200 * 2 ** 6]);
});

test("the shortest round trip falls at once and rises slowly, so that a busy peer seems no more distant", () => {
  const pace = new Pace(timeoutMs);
  const answered = (tookMs: number) => pace.answered({ bytes: 100, tookMs, silentMs: 0 });
  expect(pace.shortestMs).toBe(0);
  answered(20);
  expect(pace.shortestMs).toBe(20);
  answered(2);
  for (let n = 0; n < 20; n++) answered(30);
  expect(pace.shortestMs).toBeLessThan(5);
  for (let n = 0; n < 2000; n++) answered(30);
  expect(pace.shortestMs, "the peer has moved").toBeGreaterThan(29);
});
