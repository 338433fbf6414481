import { expect, test } from "vitest";
import { Progress } from "../../src/raft/progress.ts";
import { appendEntries, n1 } from "./inputs.ts";

const message = (entries: string) => appendEntries(n1, { term: 1, entries });

test("§5.3 what a peer is known to hold never falls", () => {
  const progress = new Progress(5, 0);
  progress.matched(9);
  progress.matched(3);
  expect([progress.matchIndex, progress.nextIndex]).toEqual([9, 10]);
  progress.probe(2);
  expect(progress.nextIndex, "what it holds is not sent again").toBe(10);
});

test("the window counts messages and bytes, and each call once", () => {
  const progress = new Progress(1, 0);
  const [first, second] = [message("1@1"), message("2@1 3@1")];
  progress.sent(first);
  const ofOne = progress.inflightBytes;
  progress.sent(second);
  expect([progress.inflight, progress.inflightBytes]).toEqual([2, 3 * ofOne]);
  expect(progress.ended(second)).toBe("inflight");
  expect(progress.ended(second), "a repeated reply").toBeUndefined();
  expect([progress.inflight, progress.inflightBytes]).toEqual([1, ofOne]);
});

test("calls of an earlier mode are given up: they take no room in the window, and are known for what they are", () => {
  const progress = new Progress(1, 0);
  const before = message("1@1");
  progress.sent(before);
  progress.replicate();
  expect([progress.inflight, progress.inflightBytes]).toEqual([0, 0]);
  expect(progress.ended(before)).toBe("givenUp");
  expect(progress.ended(before), "a repeated reply").toBeUndefined();
  expect([progress.inflight, progress.inflightBytes]).toEqual([0, 0]);
});

test("a probe that is not answered while heartbeats are was lost: the next one need not wait for its end", () => {
  const progress = new Progress(5, 0);
  progress.sent(message("5@1"));
  progress.heartbeatAnswered(2);
  expect(progress.inflight).toBe(1);
  progress.heartbeatAnswered(2);
  expect([progress.inflight, progress.nextIndex]).toEqual([0, 5]);
});

test("a chunk that is not answered while heartbeats are is sent again, after longer than a probe", () => {
  const progress = new Progress(5, 0);
  progress.sendSnapshot({ lastIncludedIndex: 4, lastIncludedTerm: 1 });
  progress.chunkSent();
  for (let answered = 1; answered < 8; answered++) progress.heartbeatAnswered(2);
  expect(progress.chunkInflight).toBe(true);
  progress.heartbeatAnswered(2);
  expect(progress.chunkInflight).toBe(false);
});
