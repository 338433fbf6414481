import { describe, expect, test } from "vitest";
import { Progress } from "../../../src/raft/tracker/progress.ts";
import { appendEntries, n1, n2 } from "../inputs.ts";

/** Sends entries, such as "5@1 6@1", or a heartbeat if there is none. */
const message = (entries: string, prevLogIndex = Number.parseInt(entries || "1", 10) - 1) =>
  appendEntries(n1, { term: 1, entries, prev: `${prevLogIndex}@${prevLogIndex === 0 ? 0 : 1}` });

const timeoutMs = 300;
const progressFrom = (nextIndex: number) => new Progress({ peer: n2, nextIndex, nowMs: 0, timeoutMs });

/** Entries of `bytes` in total, after index 1. */
function large(bytes: number) {
  const data = new Uint8Array(bytes);
  return { ...message("", 1), entries: [{ index: 2, term: 1, type: "command", data } as const] };
}

function chunkAt(offset: number) {
  const meta = { lastIncludedIndex: 4, lastIncludedTerm: 1 };
  return { type: "installSnapshot", term: 1, leaderId: n1, ...meta, offset } as const;
}

/** A peer that only answers a heartbeat every 50 ms, between two times. */
function heartbeatsAnswered(progress: Progress, fromMs: number, toMs: number): void {
  for (let now = fromMs; now <= toMs; now += 50) {
    progress.recordContact(now);
    progress.heartbeatAnswered(now);
  }
}

test("§5.3 a peer's matchIndex never decreases", () => {
  const progress = progressFrom(5);
  progress.matched(9);
  progress.matched(3);
  expect([progress.matchIndex, progress.nextIndex]).toEqual([9, 10]);
  progress.probe(2);
  expect(progress.nextIndex, "what it holds is not sent again").toBe(10);
});

test("the window counts messages and bytes, and each call once", () => {
  const progress = progressFrom(1);
  const [first, second] = [message("1@1"), message("2@1 3@1")];
  progress.replicate();
  progress.sent(first, 0);
  const ofOne = progress.inflightBytes;
  progress.nextIndex = 2;
  progress.sent(second, 0);
  expect([progress.inflight, progress.inflightBytes]).toEqual([2, 3 * ofOne]);
  expect(progress.ended(second, 1, true)).toBe("inflight");
  expect(progress.ended(second, 1, true), "a repeated reply").toBeUndefined();
  expect([progress.inflight, progress.inflightBytes]).toEqual([1, ofOne]);
});

test("calls of an earlier mode are given up: they don't count in the window, and are recognized", () => {
  const progress = progressFrom(1);
  const before = message("1@1");
  progress.sent(before, 0);
  progress.replicate();
  expect([progress.inflight, progress.inflightBytes]).toEqual([0, 0]);
  expect(progress.ended(before, 1, true)).toBe("givenUp");
  expect(progress.ended(before, 1, true), "a repeated reply").toBeUndefined();
  expect([progress.inflight, progress.inflightBytes]).toEqual([0, 0]);
});

describe("a message that is not answered while heartbeats are was lost, and need not wait for the end of its call", () => {
  test("a probe is sent again at the same index", () => {
    const progress = progressFrom(5);
    progress.sent(message("5@1"), 0);
    heartbeatsAnswered(progress, 50, 100);
    expect(progress.inflight).toBe(1);
    heartbeatsAnswered(progress, 150, 200);
    expect([progress.inflight, progress.nextIndex]).toEqual([0, 5]);
  });

  test("entries are sent again after the peer's matchIndex", () => {
    const progress = progressFrom(5);
    progress.matched(4);
    progress.replicate();
    progress.sent(message("5@1 6@1"), 0);
    progress.nextIndex = 7;
    heartbeatsAnswered(progress, 50, 200);
    expect([progress.inflight, progress.nextIndex, progress.mode.type]).toEqual([0, 5, "probe"]);
  });

  test("many heartbeats at once are no evidence, because reads request them", () => {
    const progress = progressFrom(5);
    progress.sent(message("5@1"), 0);
    for (let n = 0; n < 100; n++) progress.heartbeatAnswered(10);
    expect(progress.inflight).toBe(1);
  });

  test("nor is time without heartbeats", () => {
    const progress = progressFrom(5);
    progress.sent(message("5@1"), 0);
    progress.heartbeatAnswered(10_000);
    expect(progress.inflight).toBe(1);
  });

  test("a long message is not given up because heartbeats overtake it", () => {
    const progress = progressFrom(2);
    progress.sent(large(1_000_000), 0);
    heartbeatsAnswered(progress, 50, 15_000);
    expect(progress.inflight).toBe(1);
    heartbeatsAnswered(progress, 15_050, 17_000);
    expect(progress.inflight).toBe(0);
  });

  test("and the next copy of it more", () => {
    const progress = progressFrom(2);
    progress.sent(large(1_000_000), 0);
    heartbeatsAnswered(progress, 50, 17_000);
    progress.sent(large(1_000_000), 17_000);
    heartbeatsAnswered(progress, 17_050, 47_000);
    expect(progress.inflight).toBe(1);
  });

  test("a peer with a slow disk is given the time that it took before for a large message", () => {
    const progress = progressFrom(2);
    const first = message("2@1");
    progress.sent(first, 0);
    progress.ended(first, 1000, true);
    progress.sent(large(20_000), 1000);
    heartbeatsAnswered(progress, 1050, 2900);
    expect(progress.inflight).toBe(1);
  });
});

test("a chunk that is not answered while heartbeats are is sent again, after longer than a probe", () => {
  const progress = progressFrom(5);
  progress.sendSnapshot({ lastIncludedIndex: 4, lastIncludedTerm: 1 });
  progress.chunkSent(chunkAt(0), 1000, 0);
  heartbeatsAnswered(progress, 50, 600);
  expect(progress.chunkInflight).toBe(true);
  heartbeatsAnswered(progress, 650, 700);
  expect(progress.chunkInflight).toBe(false);
});

test("a chunk's call that ends after the chunk was given up ends no other", () => {
  const progress = progressFrom(5);
  progress.sendSnapshot({ lastIncludedIndex: 4, lastIncludedTerm: 1 });
  const [first, again] = [chunkAt(0), chunkAt(0)];
  progress.chunkSent(first, 1000, 0);
  heartbeatsAnswered(progress, 50, 1250);
  progress.chunkSent(again, 1000, 1250);
  expect(progress.chunkFailed(first, 4800)).toBe(false);
  expect(progress.chunkInflight).toBe(true);
  expect(progress.chunkFailed(again, 6100)).toBe(true);
  expect(progress.chunkInflight).toBe(false);
});

test("a silent peer is called less often", () => {
  const progress = progressFrom(5);
  const probe = message("5@1");
  progress.sent(probe, 1000);
  progress.ended(probe, 1001, false);
  expect(progress.mayRetry(1050), "no reply for long").toBe(false);
  expect(progress.mayRetry(2200)).toBe(true);
  progress.recordContact(1040);
  expect(progress.mayRetry(1050)).toBe(true);
});

test("messages become smaller if one delays all heartbeats, even if their replies come just before its own", () => {
  const progress = progressFrom(2);
  const first = large(16_000);
  progress.sent(first, 0);
  progress.recordContact(5);
  progress.ended(first, 5, true);
  expect(progress.pace.messageBytes(32_000), "a quick link").toBe(32_000);
  const second = large(32_000);
  progress.sent(second, 10);
  progress.recordContact(210);
  progress.ended(second, 211, true);
  expect(progress.pace.messageBytes(32_000)).toBe(16 << 10);
});
