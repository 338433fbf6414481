import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogEntry } from "../../../src/raft/index.ts";
import { EntryList } from "../../../src/raft/log/entry-list.ts";
import { sizeOf } from "../../../src/raft/log/entry-size.ts";

/** Enough entries that most of them are packed. */
const MANY = 3000;

function entryAt(index: number, seed = 0): LogEntry {
  const noop = (index + seed) % 97 === 0;
  // Some are too large to be packed.
  const length = (index + seed) % 151 === 0 ? 5000 : (index * 7 + seed) % 40;
  const data = new Uint8Array(noop ? 0 : length).fill(index);
  return { index, term: Math.ceil((index + seed) / 100), type: noop ? "noop" : "command", data };
}

const entriesFrom = (first: number, count: number, seed = 0): LogEntry[] =>
  Array.from({ length: count }, (_, i) => entryAt(first + i, seed));

function expectHolds(list: EntryList, firstIndex: number, entries: readonly LogEntry[]): void {
  expect([list.firstIndex, list.lastIndex]).toEqual([firstIndex, firstIndex + entries.length - 1]);
  expect(list.slice(0, list.lastIndex + 10)).toEqual(entries);
  const indices = [...entries.map(({ index }) => index), 0, firstIndex - 1, list.lastIndex + 1];
  expect(indices.map((index) => list.termAt(index))).toEqual(indices.map((_, at) => entries[at]?.term));
  expect(indices.map((index) => list.sizeAt(index))).toEqual(
    indices.map((_, at) => (entries[at] === undefined ? 0 : sizeOf(entries[at]))),
  );
}

describe("a list of entries", () => {
  test("returns its entries, packed or not", () => {
    const entries = entriesFrom(5, MANY);
    const list = new EntryList(5, entries);
    expectHolds(list, 5, entries);
    for (const [from, to] of [
      [5, 5],
      [500, 530],
      [510, 2500],
      [2900, 2910],
      [3004, 3004],
    ] as const) {
      expect(list.slice(from, to)).toEqual(entries.slice(from - 5, to - 4));
    }
  });

  test("is empty at first, at any index", () => {
    expectHolds(new EntryList(7), 7, []);
  });

  test("keeps appended entries unchanged if the buffer that they were read into changes", () => {
    const list = new EntryList(1, entriesFrom(1, MANY));
    for (const { data } of list.slice(1, 100)) data.fill(0);
    expect(list.slice(1, 100)).toEqual(entriesFrom(1, 100));
  });

  test("equals an array after any changes at both ends", () => {
    const change = fc.record({
      type: fc.constantFrom("append", "truncate", "drop"),
      share: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const list = new EntryList(3);
        let [first, expected]: [number, LogEntry[]] = [3, []];
        for (const [seed, { type, share }] of changes.entries()) {
          const at = Math.round(expected.length * share);
          switch (type) {
            case "append":
              for (const entry of entriesFrom(first + expected.length, Math.round(2000 * share), seed)) {
                list.push(entry);
                expected.push(entry);
              }
              break;
            case "truncate":
              list.truncateFrom(first + at);
              expected.length = at;
              break;
            case "drop":
              list.dropBefore(first + at);
              expected = expected.slice(at);
              first += at;
          }
        }
        expectHolds(list, first, expected);
      }),
      { numRuns: 60 },
    );
  });
});
