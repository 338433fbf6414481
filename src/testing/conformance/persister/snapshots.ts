import { assert, assertEqual, assertRejects } from "../../assert.ts";
import {
  assertMisuse,
  entries,
  fresh,
  opened,
  type PersisterCase,
  pattern,
  readSnapshot,
  reopened,
  saveSnapshot,
} from "./fixture.ts";

/** Around every size at which an implementation may start a new block. */
const sizes = [0, 1, 4095, 4096, 65_535, 65_536, 65_537, 300_000];

const meta5 = { lastIncludedIndex: 5, lastIncludedTerm: 1 };

export const snapshots: readonly PersisterCase[] = [
  {
    name: "without a snapshot, opening one returns undefined",
    async run(fixture) {
      assertEqual(await (await fresh(fixture)).openSnapshot(), undefined, "the snapshot");
    },
  },
  ...sizes.map(
    (size): PersisterCase => ({
      name: `a snapshot of ${size} bytes is read back as written`,
      async run(fixture) {
        const before = await fresh(fixture);
        await before.write({ entries: entries(1, 5, 1) });
        await saveSnapshot(before, 5, 1, pattern(size, 3));
        assertEqual(await readSnapshot(before), pattern(size, 3), "the data before the restart");
        await fixture.crash();
        const { persister, state } = await opened(fixture);
        assertEqual(state.snapshot, meta5, "the snapshot's position");
        assertEqual(await readSnapshot(persister), pattern(size, 3), "the data after the restart");
      },
    }),
  ),
  ...[0, 100, 3000].map(
    (size): PersisterCase => ({
      name: `the configuration in a snapshot is read back as written: ${size} bytes`,
      async run(fixture) {
        const meta = { ...meta5, configuration: { index: 2, data: pattern(size, 5) } };
        const before = await fresh(fixture);
        await before.write({ entries: entries(1, 5, 1) });
        const sink = await before.createSnapshot(meta);
        await sink.write(pattern(70_000, 3));
        await sink.commit();
        await fixture.crash();
        const { persister, state } = await opened(fixture);
        assertEqual(state.snapshot, meta, "what the snapshot covers");
        const source = await persister.openSnapshot();
        assertEqual(source?.meta, meta, "what the open snapshot covers");
        await source?.close();
        assertEqual(await readSnapshot(persister), pattern(70_000, 3), "the data");
      },
    }),
  ),
  {
    name: "chunks of any size make one snapshot, and their bytes may be reused",
    async run(fixture) {
      const persister = await fresh(fixture);
      const sink = await persister.createSnapshot(meta5);
      const data = pattern(100_000, 8);
      for (let start = 0, size = 1; start < data.length; start += size, size = size * 3 + 1) {
        const chunk = data.slice(start, start + size);
        await sink.write(chunk);
        chunk.fill(0);
      }
      await sink.write(new Uint8Array(0));
      await sink.commit();
      assertEqual(await readSnapshot(persister), data, "the data");
    },
  },
  {
    name: "a snapshot is read at any offset and length, and fewer bytes come only at its end",
    async run(fixture) {
      const persister = await fresh(fixture);
      const data = pattern(200_001, 4);
      await saveSnapshot(persister, 5, 1, data);
      const source = await persister.openSnapshot();
      assert(source !== undefined, "there is a snapshot");
      assertEqual(source.size, data.length, "its size");
      assertEqual(source.meta, meta5, "its position");
      for (const [offset, length] of [
        [0, 1],
        [1, 65_535],
        [65_535, 2],
        [65_536, 65_536],
        [131_000, 80_000],
        [200_000, 10],
        [200_001, 10],
        [300_000, 10],
        [17, 0],
      ] as const) {
        const read = await source.read(offset, length);
        assertEqual(read, data.subarray(offset, offset + length), `${length} bytes from ${offset}`);
      }
      await source.close();
    },
  },
  {
    name: "a snapshot is invisible until it is committed",
    async run(fixture) {
      const persister = await fresh(fixture);
      const sink = await persister.createSnapshot(meta5);
      await sink.write(pattern(70_000, 1));
      assertEqual(await persister.openSnapshot(), undefined, "the snapshot");
      await sink.commit();
      assertEqual(await readSnapshot(persister), pattern(70_000, 1), "the data");
    },
  },
  {
    name: "of a snapshot that was not committed nothing is left after a crash",
    async run(fixture) {
      const before = await fresh(fixture);
      await before.write({ entries: entries(1, 9, 1) });
      await saveSnapshot(before, 5, 1, pattern(10, 1));
      await (await before.createSnapshot({ lastIncludedIndex: 9, lastIncludedTerm: 1 })).write(
        pattern(70_000, 2),
      );
      await fixture.crash();
      const { persister, state } = await opened(fixture);
      assertEqual(state.snapshot, meta5, "the snapshot's position");
      assertEqual(await readSnapshot(persister), pattern(10, 1), "the data");
    },
  },
  {
    name: "an aborted snapshot leaves no trace, and aborting again is harmless",
    async run(fixture) {
      const before = await fresh(fixture);
      const sink = await before.createSnapshot(meta5);
      await sink.write(pattern(70_000, 1));
      await sink.abort();
      await sink.abort();
      const { persister, state } = await reopened(fixture, before);
      assertEqual(state.snapshot, undefined, "the snapshot's position");
      await saveSnapshot(persister, 5, 1, pattern(7, 2));
      assertEqual(await readSnapshot(persister), pattern(7, 2), "the data of a second try");
    },
  },
  {
    name: "an abort after the commit does nothing",
    async run(fixture) {
      const before = await fresh(fixture);
      const sink = await before.createSnapshot(meta5);
      await sink.write(pattern(10, 1));
      await sink.commit();
      await sink.abort();
      const { persister } = await reopened(fixture, before);
      assertEqual(await readSnapshot(persister), pattern(10, 1), "the data");
    },
  },
  {
    name: "nothing is written to a snapshot after its end",
    async run(fixture) {
      const persister = await fresh(fixture);
      const sink = await persister.createSnapshot(meta5);
      await sink.commit();
      for (const call of [sink.write(pattern(1, 1)), sink.commit()]) {
        const error = await assertRejects(call, "a call after the commit");
        assert(error instanceof TypeError, `a call after the commit is a TypeError, not ${String(error)}`);
      }
      assertEqual(await readSnapshot(persister), new Uint8Array(0), "the data");
    },
  },
  {
    name: "the newest of several snapshots is the one that is there",
    async run(fixture) {
      const before = await fresh(fixture);
      for (const index of [5, 17, 100]) await saveSnapshot(before, index, 2, pattern(1000, index));
      const { persister, state } = await reopened(fixture, before);
      assertEqual(state.snapshot, { lastIncludedIndex: 100, lastIncludedTerm: 2 }, "the snapshot's position");
      assertEqual(await readSnapshot(persister), pattern(1000, 100), "the data");
    },
  },
  ...[4, 5].map(
    (index): PersisterCase => ({
      name: `a snapshot at index ${index} is refused if there is one at index 5`,
      async run(fixture) {
        const before = await fresh(fixture);
        await saveSnapshot(before, 5, 1, pattern(10, 1));
        await assertMisuse(saveSnapshot(before, index, 2, pattern(20, 2)), "lastIncludedIndex");
        const { persister, state } = await reopened(fixture, before);
        assertEqual(state.snapshot, meta5, "the snapshot's position");
        assertEqual(await readSnapshot(persister), pattern(10, 1), "the data");
      },
    }),
  ),
  {
    name: "of two snapshots written at the same time the one that is overtaken is refused",
    async run(fixture) {
      const persister = await fresh(fixture);
      const slow = await persister.createSnapshot(meta5);
      const quick = await persister.createSnapshot({ lastIncludedIndex: 9, lastIncludedTerm: 2 });
      await slow.write(pattern(70_000, 5));
      await quick.write(pattern(80_000, 9));
      await slow.write(pattern(10, 6));
      await quick.commit();
      await assertMisuse(slow.commit(), "lastIncludedIndex");
      assertEqual(await readSnapshot(persister), pattern(80_000, 9), "the data");
    },
  },
  {
    name: "of two snapshots written at the same time both may be committed, the older one first",
    async run(fixture) {
      const before = await fresh(fixture);
      const [older, newer] = await Promise.all([
        before.createSnapshot(meta5),
        before.createSnapshot({ lastIncludedIndex: 9, lastIncludedTerm: 2 }),
      ]);
      await Promise.all([older.write(pattern(70_000, 5)), newer.write(pattern(80_000, 9))]);
      await Promise.all([older.commit(), newer.commit()]);
      const { persister, state } = await reopened(fixture, before);
      assertEqual(state.snapshot, { lastIncludedIndex: 9, lastIncludedTerm: 2 }, "the snapshot's position");
      assertEqual(await readSnapshot(persister), pattern(80_000, 9), "the data");
    },
  },
  {
    name: "a snapshot that is open stays readable while newer ones are committed",
    async run(fixture) {
      const persister = await fresh(fixture);
      await saveSnapshot(persister, 5, 1, pattern(150_000, 5));
      const source = await persister.openSnapshot();
      assert(source !== undefined, "there is a snapshot");
      assertEqual(await source.read(0, 100), pattern(150_000, 5).subarray(0, 100), "the start");
      await saveSnapshot(persister, 6, 1, pattern(10, 6));
      await saveSnapshot(persister, 7, 1, pattern(10, 7));
      assertEqual(await source.read(100, 150_000), pattern(150_000, 5).subarray(100), "the rest");
      await source.close();
      assertEqual(await readSnapshot(persister), pattern(10, 7), "the newest");
    },
  },
  {
    name: "a snapshot may be opened several times at once",
    async run(fixture) {
      const persister = await fresh(fixture);
      await saveSnapshot(persister, 5, 1, pattern(90_000, 5));
      const [a, b] = await Promise.all([persister.openSnapshot(), persister.openSnapshot()]);
      assert(a !== undefined && b !== undefined, "there is a snapshot");
      await a.close();
      assertEqual(await b.read(80_000, 20_000), pattern(90_000, 5).subarray(80_000), "the end");
      await b.close();
    },
  },
  {
    name: "bytes read from a snapshot belong to the reader",
    async run(fixture) {
      const persister = await fresh(fixture);
      await saveSnapshot(persister, 5, 1, pattern(1000, 5));
      (await readSnapshot(persister))?.fill(0);
      assertEqual(await readSnapshot(persister), pattern(1000, 5), "the data");
    },
  },
];
