import type { Persister } from "../../../ports/index.ts";
import { assert, assertEqual } from "../../assert.ts";
import {
  assertMisuse,
  entries,
  entry,
  fresh,
  hardState,
  n2,
  opened,
  type PersisterCase,
  pattern,
  reopened,
  saveSnapshot,
  tailOf,
  termAt,
} from "./fixture.ts";

/** Creates a log of the entries 1 to 9 of term 1, and a snapshot at a position. */
async function compacted(persister: Persister, index: number, term: number): Promise<void> {
  await persister.write({ hardState: hardState(4, n2), entries: entries(1, 9, 1) });
  await saveSnapshot(persister, index, term, pattern(100, index));
}

/** Writes entries of 100 bytes until a snapshot is due. Returns the last index. */
async function fill(persister: Persister, first: number, limit: number): Promise<number> {
  let index = first;
  for (let bytes = 0; !persister.shouldCompactLogNow(); bytes += 100, index++) {
    assert(bytes <= limit, `after ${bytes} bytes the log is still not worth a snapshot`);
    await persister.write({ entries: [entry(index, 1, 100)] });
  }
  return index - 1;
}

export const compaction: readonly PersisterCase[] = [
  {
    name: "what a snapshot doesn't cover stays, with the hard state",
    async run(fixture) {
      const persister = await fresh(fixture);
      await compacted(persister, 6, 1);
      const { state } = await reopened(fixture, persister);
      assertEqual(state.hardState, hardState(4, n2), "the hard state");
      assertEqual(tailOf(state), entries(7, 9, 1), "the entries");
      assertEqual(termAt(state, 6), 1, "the term of the last covered entry");
    },
  },
  {
    name: "the log continues after a snapshot that ends before the log's end",
    async run(fixture) {
      const persister = await fresh(fixture);
      await compacted(persister, 6, 1);
      await persister.write({ truncateFrom: 8, entries: entries(8, 12, 2) });
      await fixture.crash();
      assertEqual(tailOf((await opened(fixture)).state), [entry(7, 1), ...entries(8, 12, 2)], "the entries");
    },
  },
  {
    name: "the log continues after a snapshot at its very end",
    async run(fixture) {
      const persister = await fresh(fixture);
      await compacted(persister, 9, 1);
      await persister.write({ entries: entries(10, 11, 2) });
      await fixture.crash();
      assertEqual(tailOf((await opened(fixture)).state), entries(10, 11, 2), "the entries");
    },
  },
  {
    name: "a log that a snapshot outruns is empty, and starts at the snapshot",
    async run(fixture) {
      const persister = await fresh(fixture);
      await compacted(persister, 20, 3);
      const { state } = await reopened(fixture, persister);
      assertEqual(state.entries, [], "the entries");
      assertEqual([state.prevLogIndex, state.prevLogTerm], [20, 3], "the position before them");
      assertEqual(state.hardState, hardState(4, n2), "the hard state");
    },
  },
  {
    name: "entries follow a snapshot that outran the log, at once and after a restart",
    async run(fixture) {
      const before = await fresh(fixture);
      await compacted(before, 20, 3);
      await before.write({ entries: entries(21, 22, 3) });
      const { persister, state } = await reopened(fixture, before);
      assertEqual(tailOf(state), entries(21, 22, 3), "the entries at once");
      assertEqual(termAt(state, 20), 3, "the term before them");
      await persister.write({ entries: entries(23, 24, 4) });
      await fixture.crash();
      assertEqual(
        tailOf((await opened(fixture)).state),
        [...entries(21, 22, 3), ...entries(23, 24, 4)],
        "the entries after a restart",
      );
    },
  },
  {
    name: "a write that overlaps a commit follows the snapshot",
    async run(fixture) {
      const persister = await fresh(fixture);
      const sink = await persister.createSnapshot({ lastIncludedIndex: 50, lastIncludedTerm: 2 });
      await Promise.all([sink.commit(), persister.write({ entries: entries(51, 52, 2) })]);
      await fixture.crash();
      assertEqual(tailOf((await opened(fixture)).state), entries(51, 52, 2), "the entries");
    },
  },
  {
    name: "entries that disagree with a snapshot are returned as they are, with their own term before them",
    async run(fixture) {
      const persister = await fresh(fixture);
      await compacted(persister, 6, 3);
      const { state } = await reopened(fixture, persister);
      assertEqual(state.snapshot, { lastIncludedIndex: 6, lastIncludedTerm: 3 }, "the snapshot's position");
      assertEqual(tailOf(state), entries(7, 9, 1), "the entries");
      assertEqual(termAt(state, 6), 1, "the log's own term at the snapshot's index");
    },
  },
  {
    name: "entries that replace those that disagreed with a snapshot follow the snapshot",
    async run(fixture) {
      const persister = await fresh(fixture);
      await compacted(persister, 6, 3);
      await persister.write({ truncateFrom: 7, entries: entries(7, 8, 3) });
      await fixture.crash();
      const { state } = await opened(fixture);
      assertEqual(tailOf(state), entries(7, 8, 3), "the entries");
      assertEqual(termAt(state, 6), 3, "the term before them");
    },
  },
  {
    name: "a snapshot of another term at the end of the log is what the next entry follows",
    async run(fixture) {
      const persister = await fresh(fixture);
      await compacted(persister, 9, 3);
      await persister.write({ entries: [entry(10, 3)] });
      await fixture.crash();
      const { state } = await opened(fixture);
      assertEqual(tailOf(state), [entry(10, 3)], "the entries");
      assertEqual(termAt(state, 9), 3, "the term before them");
    },
  },
  ...[5, 6].map(
    (index): PersisterCase => ({
      name: `a truncation from index ${index} is refused if the snapshot covers 6`,
      async run(fixture) {
        const persister = await fresh(fixture);
        await compacted(persister, 6, 1);
        await assertMisuse(persister.write({ truncateFrom: index, entries: [] }), "truncateFrom");
        await fixture.crash();
        assertEqual(tailOf((await opened(fixture)).state), entries(7, 9, 1), "the entries");
      },
    }),
  ),
  {
    name: "entries that don't follow the snapshot are refused if it is beyond the log",
    async run(fixture) {
      const persister = await fresh(fixture);
      await compacted(persister, 20, 3);
      await assertMisuse(persister.write({ entries: [entry(10, 3)] }), "entries[0].index");
      await persister.write({ entries: [entry(21, 3)] });
      await fixture.crash();
      assertEqual(tailOf((await opened(fixture)).state), [entry(21, 3)], "the entries");
    },
  },
  {
    name: "a log is compacted many times over, and only its tail is there",
    async run(fixture) {
      const persister = await fresh(fixture);
      for (let i = 0; i < 40; i++) {
        await persister.write({
          hardState: hardState(i + 1),
          entries: entries(i * 10 + 1, i * 10 + 10, 1, 300),
        });
        await saveSnapshot(persister, i * 10 + 6, 1, pattern(50, i));
      }
      await fixture.crash();
      const { state } = await opened(fixture);
      assertEqual(state.hardState, hardState(40), "the hard state");
      assertEqual(tailOf(state), entries(397, 400, 1, 300), "the entries");
    },
  },
  {
    name: "an empty log is not worth a snapshot",
    async run(fixture) {
      assert(!(await fresh(fixture)).shouldCompactLogNow(), "there is nothing to compact");
    },
  },
  {
    name: "a snapshot becomes due when the log grows, and is no longer due once taken",
    async run(fixture) {
      const persister = await fresh(fixture);
      const last = await fill(persister, 1, fixture.compactLogBytes);
      assert(last > 1, "one small entry is no reason for a snapshot");
      await saveSnapshot(persister, last, 1, pattern(10, 1));
      assert(!persister.shouldCompactLogNow(), "after a snapshot there is nothing to compact");
      await fill(persister, last + 1, fixture.compactLogBytes);
    },
  },
  {
    name: "a log that was worth a snapshot still is after a restart",
    async run(fixture) {
      const before = await fresh(fixture);
      await fill(before, 1, fixture.compactLogBytes);
      await fixture.crash();
      assert((await fresh(fixture)).shouldCompactLogNow(), "the log is as long as before");
    },
  },
  {
    name: "what a snapshot covers is no reason for another after a restart",
    async run(fixture) {
      const before = await fresh(fixture);
      await saveSnapshot(before, await fill(before, 1, fixture.compactLogBytes), 1, pattern(10, 1));
      await fixture.crash();
      assert(!(await fresh(fixture)).shouldCompactLogNow(), "all of the log is covered");
    },
  },
  {
    name: "after a large snapshot the next one waits for as much log",
    async run(fixture) {
      const persister = await fresh(fixture);
      const snapshotBytes = fixture.compactLogBytes * 3;
      const first = await fill(persister, 1, fixture.compactLogBytes);
      await saveSnapshot(persister, first, 1, pattern(snapshotBytes, 1));
      const last = await fill(persister, first + 1, snapshotBytes);
      assert(
        (last - first) * 100 > fixture.compactLogBytes,
        "compactLogBytes is not enough for a large store",
      );
    },
  },
];
