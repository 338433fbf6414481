import { describe, expect, test } from "vitest";
import { sizeOf } from "../../../src/raft/log/entry-size.ts";
import { RaftLog } from "../../../src/raft/log/log.ts";
import { compactedState, entries, stateOf } from "../inputs.ts";

const logOf = (text: string) => new RaftLog(stateOf({ log: text, term: 9 }));
const endOf = (log: RaftLog) => `${log.lastIndex}@${log.lastTerm}`;

test("§5.3 an entry follows the last one, and terms never decrease", () => {
  const log = logOf("1@1 2@3");
  const [gap] = entries("4@3");
  const [fallen] = entries("3@2");
  expect(() => gap && log.append(gap)).toThrow("an entry follows the last one");
  expect(() => fallen && log.append(fallen)).toThrow("terms never decrease");
});

describe("no persister is believed", () => {
  test("a stored log with a gap is refused, with the indices", () => {
    expect(() => logOf("1@1 3@1")).toThrow("an entry follows the last one: 3 comes after 1");
    expect(() => logOf("2@1")).toThrow("an entry follows the last one: 2 comes after 0");
    expect(() => logOf("1@1 1@1")).toThrow("an entry follows the last one: 1 comes after 1");
  });

  test("a stored log in which a term falls is refused, with the terms", () => {
    expect(() => logOf("1@1 2@4 3@3")).toThrow("entry 3 is of term 3, after term 4");
    expect(() => new RaftLog(compactedState("5@4", "6@3", 9))).toThrow("entry 6 is of term 3, after term 4");
  });

  test("a stored log that is ahead of the stored term is refused", () => {
    expect(() => new RaftLog(stateOf({ log: "1@1 2@7", term: 6 }))).toThrow(
      "entry 2 is of term 7, later than the current term 6",
    );
  });
});

test("§5.4.1 the log with the later last term is more up to date; of the same term, the longer one", () => {
  const log = logOf("1@1 2@2 3@2");
  expect(log.isUpToDate({ index: 1, term: 3 })).toBe(true);
  expect(log.isUpToDate({ index: 9, term: 1 })).toBe(false);
  expect(log.isUpToDate({ index: 3, term: 2 })).toBe(true);
  expect(log.isUpToDate({ index: 2, term: 2 })).toBe(false);
});

test("a slice of limited size holds one entry at least, and as many as fit", () => {
  const log = logOf("1@1 2@1 3@1");
  const [first] = log.slice(1, 1);
  const bytes = first === undefined ? 0 : sizeOf(first);
  expect(log.sliceUpTo(1, 1).length).toBe(1);
  expect(log.sliceUpTo(1, 2 * bytes).length).toBe(2);
  expect(log.sliceUpTo(1, 2 * bytes - 1).length).toBe(1);
  expect(log.sliceUpTo(2, 100 * bytes).length).toBe(2);
});

test("entries with empty commands have a size too, so that their number in a message is limited", () => {
  const log = new RaftLog(stateOf());
  for (let index = 1; index <= 100; index++) {
    log.append({ index, term: 1, type: "noop", data: new Uint8Array() });
  }
  expect(log.sliceUpTo(1, 1000).length).toBeLessThan(50);
});

describe("§5.3 the search for the last common entry", () => {
  test("skips entries with a higher term than the other log has there", () => {
    const log = logOf("1@1 2@4 3@4 4@5");
    expect(log.lastPossibleAgreement({ index: 9, term: 3 })).toEqual({ index: 1, term: 1 });
    expect(log.lastPossibleAgreement({ index: 3, term: 4 })).toEqual({ index: 3, term: 4 });
  });

  test("ends at its last entry if the log is shorter", () => {
    expect(logOf("1@1 2@1").lastPossibleAgreement({ index: 9, term: 3 })).toEqual({ index: 2, term: 1 });
    expect(logOf("").lastPossibleAgreement({ index: 9, term: 3 })).toEqual({ index: 0, term: 0 });
  });
});

describe("§7 compaction", () => {
  const at = (index: number, term: number) => ({ lastIncludedIndex: index, lastIncludedTerm: term });

  test("keeps the newest entries that fit into the bytes to retain", () => {
    const log = logOf("1@1 2@1 3@2 4@2");
    const bytes = log.bytesBetween(3, 4);
    log.compact(at(3, 2), 2 * bytes);
    expect([log.firstIndex, log.snapshotIndex, endOf(log)]).toEqual([2, 3, "4@2"]);
    expect(log.termAt(1), "the term before the first entry stays known").toBe(1);
    log.compact(at(4, 2), 0);
    expect([log.firstIndex, endOf(log)]).toEqual([5, "4@2"]);
  });

  test("refuses a snapshot that does not end at an entry of the log", () => {
    expect(() => logOf("1@1 2@1").compact(at(2, 7), 0)).toThrow("ends at an entry of the log");
  });

  test("never truncates entries that a snapshot covers", () => {
    const log = logOf("1@1 2@1");
    log.compact(at(1, 1), 100);
    expect(() => log.truncateFrom(1)).toThrow("never truncated");
  });

  test("a snapshot from elsewhere keeps the suffix of a log that holds its last entry, and nothing of another", () => {
    const matching = logOf("1@1 2@2 3@2");
    matching.installSnapshot(at(2, 2));
    expect([matching.firstIndex, endOf(matching)]).toEqual([3, "3@2"]);
    const divergent = logOf("1@1 2@1 3@1");
    divergent.installSnapshot(at(2, 2));
    expect([divergent.firstIndex, endOf(divergent)]).toEqual([3, "2@2"]);
  });

  test("a stored log with a gap after its snapshot is refused, not dropped", () => {
    const restored = stateOf({ log: "5@1", prev: "4@1", snapshot: at(2, 1) });
    expect(() => new RaftLog(restored)).toThrow("has a snapshot of all before it");
  });

  test.each([2 ** 52 + 1, -1, 1.5, Number.NaN])("§5.1 a stored term of %s is refused", (term) => {
    expect(() => new RaftLog(stateOf({ term }))).toThrow(
      "terms are whole numbers from 0 to 4503599627370496",
    );
  });

  test("§5.1 a stored snapshot of a later term than the current one is refused", () => {
    const restored = stateOf({ term: 3, log: "5@3", prev: "4@4", snapshot: at(4, 4) });
    expect(() => new RaftLog(restored)).toThrow("the snapshot is of term 4, later than the current term 3");
  });
});
