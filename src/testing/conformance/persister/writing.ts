import type { WriteBatch } from "../../../raft/index.ts";
import { assertEqual } from "../../assert.ts";
import {
  assertMisuse,
  entries,
  entry,
  fresh,
  hardState,
  opened,
  type PersisterCase,
  pattern,
} from "./fixture.ts";

/** Each of these doesn't follow a log of the entries 1 to 5. */
const misplaced: readonly (readonly [string, WriteBatch, string])[] = [
  ["a batch that leaves a gap", { entries: [entry(7, 1)] }, "entries[0].index"],
  ["a batch that starts within the log", { entries: [entry(5, 1)] }, "entries[0].index"],
  ["a batch with a gap inside", { entries: [entry(6, 1), entry(8, 1)] }, "entries[1].index"],
  ["a batch with an index twice", { entries: [entry(6, 1), entry(6, 1)] }, "entries[1].index"],
  [
    "a batch that doesn't follow its truncation",
    { truncateFrom: 3, entries: [entry(4, 2)] },
    "entries[0].index",
  ],
  ["a truncation from index 0", { truncateFrom: 0, entries: [] }, "truncateFrom"],
  ["a truncation from half an index", { truncateFrom: 2.5, entries: [] }, "truncateFrom"],
];

export const writing: readonly PersisterCase[] = [
  {
    name: "a truncation drops the entries from its index on, and no other",
    run: (fixture) =>
      check(fixture, [{ entries: entries(1, 9, 1) }, { truncateFrom: 4, entries: [] }], entries(1, 3, 1)),
  },
  {
    name: "a truncation from the first index empties the log",
    run: (fixture) => check(fixture, [{ entries: entries(1, 9, 1) }, { truncateFrom: 1, entries: [] }], []),
  },
  {
    name: "a truncation beyond the end drops nothing",
    run: (fixture) =>
      check(
        fixture,
        [{ entries: entries(1, 3, 1) }, { truncateFrom: 9, entries: [entry(4, 1)] }],
        entries(1, 4, 1),
      ),
  },
  {
    name: "entries replace the truncated ones, fewer of them or more",
    run: (fixture) =>
      check(
        fixture,
        [
          { entries: entries(1, 9, 1) },
          { truncateFrom: 5, entries: entries(5, 6, 2) },
          { truncateFrom: 6, entries: entries(6, 12, 3) },
        ],
        [...entries(1, 4, 1), entry(5, 2), ...entries(6, 12, 3)],
      ),
  },
  {
    name: "an index is overwritten again and again, and the last one stays",
    run: (fixture) =>
      check(
        fixture,
        Array.from({ length: 60 }, (_, i) => ({ truncateFrom: 1, entries: entries(1, 3, i + 1) })),
        entries(1, 3, 60),
      ),
  },
  {
    name: "many small batches are read back in order",
    run: (fixture) =>
      check(
        fixture,
        Array.from({ length: 300 }, (_, i) => ({ entries: [entry(i + 1, 1 + Math.floor(i / 100))] })),
        [...entries(1, 100, 1), ...entries(101, 200, 2), ...entries(201, 300, 3)],
      ),
  },
  {
    name: "a batch larger than any buffer is whole, and so are its neighbours",
    run: (fixture) =>
      check(
        fixture,
        [
          { entries: entries(1, 3, 1) },
          { entries: entries(4, 67, 1, 40_000) },
          { entries: entries(68, 70, 1) },
        ],
        [...entries(1, 3, 1), ...entries(4, 67, 1, 40_000), ...entries(68, 70, 1)],
      ),
  },
  {
    name: "a vote outlives the entries of later batches",
    async run(fixture) {
      const persister = await fresh(fixture);
      await persister.write({ hardState: hardState(3), entries: [] });
      for (let i = 1; i <= 50; i++) await persister.write({ entries: [entry(i, 3, 300)] });
      await fixture.crash();
      assertEqual((await opened(fixture)).state.hardState, hardState(3), "the hard state");
    },
  },
  {
    name: "calls that overlap take effect in the order in which they were made",
    async run(fixture) {
      const persister = await fresh(fixture);
      await Promise.all([
        persister.write({ hardState: hardState(1), entries: entries(1, 4, 1) }),
        persister.write({ entries: entries(5, 8, 1) }),
        persister.write({ hardState: hardState(2), truncateFrom: 3, entries: entries(3, 5, 2) }),
        persister.write({ entries: [entry(6, 2)] }),
      ]);
      await fixture.crash();
      const { state } = await opened(fixture);
      assertEqual(state.hardState, hardState(2), "the hard state");
      assertEqual(state.entries, [...entries(1, 2, 1), ...entries(3, 6, 2)], "the entries");
    },
  },
  {
    name: "a write may be made before the load that it follows has ended",
    async run(fixture) {
      const persister = fixture.open();
      await Promise.all([persister.load(), persister.write({ entries: entries(1, 2, 1) })]);
      await fixture.crash();
      assertEqual((await opened(fixture)).state.entries, entries(1, 2, 1), "the entries");
    },
  },
  {
    name: "the bytes of a batch may be used for something else once it is written",
    async run(fixture) {
      const persister = await fresh(fixture);
      const data = pattern(100, 1);
      await persister.write({ entries: [{ type: "command", index: 1, term: 1, data }] });
      data.fill(0xee);
      await persister.write({ entries: [{ type: "command", index: 2, term: 1, data }] });
      data.fill(0xdd);
      await fixture.crash();
      const { state } = await opened(fixture);
      assertEqual(state.entries[0]?.data, pattern(100, 1), "the data of the first");
      assertEqual(state.entries[1]?.data, new Uint8Array(100).fill(0xee), "the data of the second");
    },
  },
  {
    name: "data that is a view on a larger buffer is stored as what the view shows",
    run: (fixture) => {
      const data = pattern(1000, 9).subarray(300, 320);
      const batch = { entries: [{ type: "command", index: 1, term: 1, data } as const] };
      return check(fixture, [batch], [{ type: "command", index: 1, term: 1, data: data.slice() }]);
    },
  },
  ...misplaced.map(
    ([name, batch, named]): PersisterCase => ({
      name: `${name} is refused and changes nothing`,
      async run(fixture) {
        const persister = await fresh(fixture);
        await persister.write({ hardState: hardState(1), entries: entries(1, 5, 1) });
        await assertMisuse(persister.write({ hardState: hardState(9), ...batch }), named);
        await persister.write({ entries: [entry(6, 1)] });
        await fixture.crash();
        const { state } = await opened(fixture);
        assertEqual(state.hardState, hardState(1), "the hard state");
        assertEqual(state.entries, entries(1, 6, 1), "the entries");
      },
    }),
  ),
];

/** Writes batches to an empty storage, and compares the entries that are left. */
async function check(
  fixture: Parameters<PersisterCase["run"]>[0],
  batches: readonly WriteBatch[],
  expected: WriteBatch["entries"],
): Promise<void> {
  const persister = await fresh(fixture);
  for (const batch of batches) await persister.write(batch);
  await fixture.crash();
  assertEqual((await opened(fixture)).state.entries, expected, "the entries");
}
