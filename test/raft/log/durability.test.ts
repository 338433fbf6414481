import { expect, test } from "vitest";
import type { WriteBatch } from "../../../src/raft/index.ts";
import { Durability } from "../../../src/raft/log/durability.ts";
import { RaftLog } from "../../../src/raft/log/log.ts";
import { entries, stateOf } from "../inputs.ts";

const hardState = stateOf().hardState;

function start(stored = ""): { log: RaftLog; durability: Durability } {
  const log = new RaftLog(stateOf({ log: stored, term: 9 }));
  return { log, durability: new Durability(log, log.lastIndex, 0) };
}

function append(log: RaftLog, text: string): void {
  for (const entry of entries(text)) log.append(entry);
}

function take(durability: Durability, log: RaftLog): WriteBatch {
  const batch = durability.takeBatch(log, hardState, true);
  if (batch === undefined) throw new Error("nothing to write");
  return batch;
}

function replace(durability: Durability, log: RaftLog, from: number, text: string): void {
  log.truncateFrom(from);
  durability.truncated(from);
  append(log, text);
}

const indicesOf = (batch: WriteBatch) => batch.entries.map(({ index, term }) => `${index}@${term}`);

test("one batch is in flight; entries that arrive in the meantime form the next", () => {
  const { log, durability } = start();
  append(log, "1@1");
  const first = take(durability, log);
  append(log, "2@1 3@1");
  expect(durability.takeBatch(log, hardState, true)).toBeUndefined();
  durability.completed(first, log);
  expect(durability.durableIndex).toBe(1);
  expect(indicesOf(take(durability, log))).toEqual(["2@1", "3@1"]);
});

test("entries that were replaced before they were written never reach the disk", () => {
  const { log, durability } = start("1@1");
  append(log, "2@1 3@1");
  replace(durability, log, 2, "2@2");
  const batch = take(durability, log);
  expect(indicesOf(batch)).toEqual(["2@2"]);
  expect(batch.truncateFrom).toBeUndefined();
});

test("the write of an entry that was replaced meanwhile makes nothing durable", () => {
  const { log, durability } = start("1@1");
  append(log, "2@1 3@1");
  const stale = take(durability, log);
  replace(durability, log, 2, "2@2 3@2");
  durability.completed(stale, log);
  expect(durability.durableIndex, "index 3 was written, but of another term").toBe(1);
  const next = take(durability, log);
  expect([next.truncateFrom, ...indicesOf(next)]).toEqual([2, "2@2", "3@2"]);
  durability.completed(next, log);
  expect(durability.durableIndex).toBe(3);
});

test("a truncation reduces the durable index", () => {
  const { log, durability } = start("1@1 2@1 3@1");
  replace(durability, log, 3, "3@2");
  expect(durability.durableIndex).toBe(2);
});

test("the hard state is durable with the write that took it, not with one that was in flight before", () => {
  const { log, durability } = start();
  append(log, "1@1");
  const first = take(durability, log);
  durability.ballotChanged();
  const promise = { hardStateVersion: durability.hardStateVersion, index: 0 };
  durability.completed(first, log);
  expect(durability.isDurable(promise)).toBe(false);
  const second = take(durability, log);
  expect(second.hardState).toEqual(hardState);
  durability.completed(second, log);
  expect(durability.isDurable(promise)).toBe(true);
});

test("§7 a stored suffix that the snapshot contradicts is truncated by the first write", () => {
  const restored = stateOf({
    log: "3@1 4@1",
    prev: "2@1",
    snapshot: { lastIncludedIndex: 2, lastIncludedTerm: 2 },
    term: 2,
  });
  const log = new RaftLog(restored);
  expect(take(new Durability(log, 4, 0), log).truncateFrom).toBe(3);
});

test("§7 an installed snapshot covers unwritten entries", () => {
  const { log, durability } = start("1@1");
  append(log, "2@1 3@1 4@1");
  log.installSnapshot({ lastIncludedIndex: 3, lastIncludedTerm: 1 });
  durability.snapshotInstalled(3, true);
  expect(durability.durableIndex).toBe(3);
  expect(indicesOf(take(durability, log))).toEqual(["4@1"]);
});

test("a batch has at most 4 MiB of entries, or one larger entry; the rest follows in the next batch", () => {
  const { log, durability } = start();
  const mib = 1 << 20;
  for (const [at, bytes] of [mib, 2 * mib, 2 * mib, 5 * mib, 10].entries()) {
    log.append({ index: at + 1, term: 1, type: "command", data: new Uint8Array(bytes) });
  }
  const batches: string[][] = [];
  for (let n = 0; n < 4; n++) {
    const batch = take(durability, log);
    batches.push(indicesOf(batch));
    durability.completed(batch, log);
  }
  expect(batches).toEqual([["1@1", "2@1"], ["3@1"], ["4@1"], ["5@1"]]);
  expect(durability.durableIndex).toBe(5);
});

test("a batch that was refused is unwritten again, and commands wait for the retry", () => {
  const { log, durability } = start();
  append(log, "1@1");
  const first = take(durability, log);
  append(log, "2@1");
  durability.refused(first, log);
  expect(durability.isFull).toBe(true);
  expect(durability.takeBatch(log, hardState, true)).toBeUndefined();
  durability.retry(log);
  expect(durability.isFull).toBe(true);
  const again = take(durability, log);
  expect(indicesOf(again)).toEqual(["1@1", "2@1"]);
  durability.completed(again, log);
  expect(durability.isFull).toBe(false);
  expect(durability.durableIndex).toBe(2);
});

test("while commands wait for space the hard state is written without them", () => {
  const { log, durability } = start();
  append(log, "1@1");
  durability.ballotChanged();
  const first = take(durability, log);
  expect(first.hardState).toBeDefined();
  durability.refused(first, log);
  const vote = take(durability, log);
  expect(vote).toEqual({ entries: [], hardState });
  durability.completed(vote, log);
  expect(durability.isDurable({ hardStateVersion: durability.hardStateVersion, index: 0 })).toBe(true);
  expect(durability.isFull).toBe(true);
  expect(durability.durableIndex).toBe(0);
});

test("a refused hard state waits for the retry too, so that there is no retry without a pause", () => {
  const { log, durability } = start();
  durability.ballotChanged();
  durability.refused(take(durability, log), log);
  expect(durability.takeBatch(log, hardState, true)).toBeUndefined();
  durability.retry(log);
  expect(take(durability, log)).toEqual({ entries: [], hardState });
});

test("a batch that was refused and then replaced is written as it is now, and the storage's older end still goes", () => {
  const { log, durability } = start("1@1 2@1 3@1");
  replace(durability, log, 2, "2@2 3@2");
  const refused = take(durability, log);
  expect(refused.truncateFrom).toBe(2);
  replace(durability, log, 3, "3@3 4@3");
  durability.refused(refused, log);
  durability.retry(log);
  const again = take(durability, log);
  expect(indicesOf(again)).toEqual(["2@2", "3@3", "4@3"]);
  expect(again.truncateFrom).toBe(2);
});

test("a retry may find nothing to write; then the next write shows whether there is space", () => {
  const { log, durability } = start("1@1");
  append(log, "2@1");
  durability.refused(take(durability, log), log);
  log.truncateFrom(2);
  durability.truncated(2);
  durability.retry(log);
  expect(durability.isFull).toBe(false);
});

test("a batch that only cuts off entries, and was refused, is tried again, and later batches are not held up", () => {
  const { log, durability } = start("1@1 2@1 3@1");
  log.installSnapshot({ lastIncludedIndex: 2, lastIncludedTerm: 2 });
  durability.snapshotInstalled(2, false);
  const cut = take(durability, log);
  expect(cut).toEqual({ entries: [], truncateFrom: 3 });
  durability.refused(cut, log);
  durability.retry(log);
  expect(take(durability, log)).toEqual({ entries: [], truncateFrom: 3 });
});
