import { emptyState, type WriteBatch } from "../../../raft/index.ts";
import { assert, assertEqual, assertRejects } from "../../assert.ts";
import { entries, entry, fresh, hardState, n1, n2, opened, type PersisterCase, reopened } from "./fixture.ts";
import { assertRecovered, nothingStored, scriptedRun } from "./script.ts";

/** Each of these is written to an empty storage and read back. */
const firstBatches: readonly (readonly [string, WriteBatch])[] = [
  ["a term without a vote", { hardState: hardState(7), entries: [] }],
  ["a term and a vote", { hardState: hardState(7, n2), entries: [] }],
  ["the counted peers", { hardState: hardState(7, undefined, [n1, n2]), entries: [] }],
  ["a vote and the counted peers", { hardState: hardState(7, n1, [n2]), entries: entries(1, 2, 7) }],
  ["a term beyond 32 bits", { hardState: hardState(2 ** 40 + 3), entries: [] }],
  ["one entry", { entries: [entry(1, 1)] }],
  ["a no-op", { entries: [{ type: "noop", index: 1, term: 3, data: new Uint8Array(0) }] }],
  [
    "a configuration",
    { entries: [{ type: "configuration", index: 1, term: 3, data: Uint8Array.of(0, 255) }] },
  ],
  ["a command without data", { entries: [entry(1, 1, 0)] }],
  ["an entry of 1 MiB", { entries: [entry(1, 1, 2 ** 20)] }],
  ["an entry of a term beyond 32 bits", { entries: [entry(1, 2 ** 40 + 3)] }],
  ["entries of several terms", { entries: [entry(1, 1), entry(2, 1), entry(3, 4), entry(4, 9)] }],
  ["entries and a vote together", { hardState: hardState(4, n2), entries: entries(1, 3, 4) }],
  ["a thousand entries in one batch", { entries: entries(1, 1000, 1) }],
];

export const loading: readonly PersisterCase[] = [
  {
    name: "an unused storage loads as the empty state",
    async run(fixture) {
      assertEqual((await opened(fixture)).state, emptyState, "the state");
    },
  },
  {
    name: "a storage that was only opened loads as the empty state",
    async run(fixture) {
      assertEqual((await reopened(fixture, await fresh(fixture))).state, emptyState, "the state");
    },
  },
  {
    name: "an empty batch changes nothing",
    async run(fixture) {
      const persister = await fresh(fixture);
      await persister.write({ entries: [] });
      assertEqual((await reopened(fixture, persister)).state, emptyState, "the state");
    },
  },
  ...firstBatches.map(
    ([name, batch]): PersisterCase => ({
      name: `${name}: read back as written`,
      async run(fixture) {
        const persister = await fresh(fixture);
        await persister.write(batch);
        await fixture.crash();
        assertEqual((await opened(fixture)).state, { ...emptyState, ...batch }, "the state");
      },
    }),
  ),
  ...scriptedRun.map(
    ({ name, expected }, step): PersisterCase => ({
      name: `everything is there after an orderly end behind step ${step + 1}, ${name}`,
      async run(fixture) {
        const before = await fresh(fixture);
        for (const { run } of scriptedRun.slice(0, step + 1)) await run(before);
        const { persister, state } = await reopened(fixture, before);
        await assertRecovered(persister, state, expected);
      },
    }),
  ),
  {
    name: "everything is there although each step of a long run was followed by a crash",
    async run(fixture) {
      for (const { run, expected } of scriptedRun) {
        await run(await fresh(fixture));
        await fixture.crash();
        const { persister, state } = await opened(fixture);
        await assertRecovered(persister, state, expected);
        await fixture.crash();
      }
    },
  },
  {
    name: "a long run survives a new persister for each step",
    async run(fixture) {
      let { persister, state } = await opened(fixture);
      await assertRecovered(persister, state, nothingStored);
      for (const { run, expected } of scriptedRun) {
        await run(persister);
        ({ persister, state } = await reopened(fixture, persister));
        await assertRecovered(persister, state, expected);
      }
    },
  },
  {
    name: "what is loaded does not change with later writes",
    async run(fixture) {
      const before = await fresh(fixture);
      await before.write({ hardState: hardState(1, n2), entries: entries(1, 3, 1) });
      const { persister, state } = await reopened(fixture, before);
      await persister.write({ hardState: hardState(2), truncateFrom: 2, entries: entries(2, 9, 2) });
      assertEqual(
        state,
        { ...emptyState, hardState: hardState(1, n2), entries: entries(1, 3, 1) },
        "the state",
      );
    },
  },
  {
    name: "load comes before every other call, and once",
    async run(fixture) {
      const persister = fixture.open();
      const early = await assertRejects(persister.write({ entries: [] }), "a write before load");
      assert(early instanceof TypeError, `a write before load is a TypeError, not ${String(early)}`);
      assert(!persister.shouldCompactLogNow(), "an unloaded persister has nothing to compact");
      await persister.load();
      const again = await assertRejects(persister.load(), "a second load");
      assert(again instanceof TypeError, `a second load is a TypeError, not ${String(again)}`);
      await persister.write({ entries: [entry(1, 1)] });
    },
  },
];
