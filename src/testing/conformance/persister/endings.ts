import { emptyState } from "../../../raft/index.ts";
import { assert, assertEqual } from "../../assert.ts";
import {
  assertFails,
  entries,
  entry,
  fresh,
  hardState,
  n2,
  opened,
  type PersisterCase,
  pattern,
  readSnapshot,
  reopened,
  saveSnapshot,
} from "./fixture.ts";

export const endings: readonly PersisterCase[] = [
  {
    name: "a failed write rejects with the device's error as its cause",
    async run(fixture) {
      const persister = await fresh(fixture);
      const cause = new Error("input/output error");
      fixture.failNextWrite(cause);
      const error = await assertFails(persister.write({ entries: [entry(1, 1)] }), "failed");
      assert(error.cause === cause, `the cause is ${String(error.cause)}`);
    },
  },
  {
    name: "a failed write changes nothing",
    async run(fixture) {
      const persister = await fresh(fixture);
      await persister.write({ hardState: hardState(1, n2), entries: entries(1, 3, 1) });
      fixture.failNextWrite(new Error("input/output error"));
      await assertFails(persister.write({ hardState: hardState(2), truncateFrom: 2, entries: [] }), "failed");
      await fixture.crash();
      const expected = { ...emptyState, hardState: hardState(1, n2), entries: entries(1, 3, 1) };
      assertEqual((await opened(fixture)).state, expected, "the state");
    },
  },
  {
    name: "after a failed write every call rejects with the first error",
    async run(fixture) {
      const persister = await fresh(fixture);
      await saveSnapshot(persister, 1, 1, pattern(10, 1));
      const sink = await persister.createSnapshot({ lastIncludedIndex: 2, lastIncludedTerm: 1 });
      fixture.failNextWrite(new Error("input/output error"));
      const first = await assertFails(persister.write({ entries: [entry(2, 1)] }), "failed");
      for (const call of [
        () => persister.write({ entries: [entry(2, 1)] }),
        () => persister.write({ entries: [] }),
        () => persister.createSnapshot({ lastIncludedIndex: 3, lastIncludedTerm: 1 }),
        () => persister.openSnapshot(),
        () => sink.write(pattern(10, 1)),
        () => sink.commit(),
      ]) {
        assert((await assertFails(call(), "failed")) === first, "a later error is the first error");
      }
      await sink.abort();
    },
  },
  {
    name: "writes that wait behind a failed one fail with it",
    async run(fixture) {
      const persister = await fresh(fixture);
      fixture.failNextWrite(new Error("input/output error"));
      const calls = [1, 2, 3].map((index) => persister.write({ entries: [entry(index, 1)] }));
      const errors = await Promise.all(calls.map((call) => assertFails(call, "failed")));
      assert(
        errors.every((error) => error === errors[0]),
        "all of them fail with the first error",
      );
      await fixture.crash();
      assertEqual((await opened(fixture)).state.entries, [], "the entries");
    },
  },
  {
    name: "a refused write is no failure: the next one is made",
    async run(fixture) {
      const persister = await fresh(fixture);
      await Promise.allSettled([
        persister.write({ entries: [entry(9, 1)] }),
        persister.write({ entries: [entry(1, 1)] }),
      ]);
      assertEqual((await reopened(fixture, persister)).state.entries, [entry(1, 1)], "the entries");
    },
  },
  {
    name: "a persister that failed can be disposed, and the next one starts",
    async run(fixture) {
      const persister = await fresh(fixture);
      await persister.write({ entries: [entry(1, 1)] });
      fixture.failNextWrite(new Error("input/output error"));
      await assertFails(persister.write({ entries: [entry(2, 1)] }), "failed");
      const { state } = await reopened(fixture, persister);
      assertEqual(state.entries, [entry(1, 1)], "the entries");
    },
  },
  {
    name: "dispose finishes the writes in flight",
    async run(fixture) {
      const persister = await fresh(fixture);
      const writes = [1, 2, 3].map((index) => persister.write({ entries: [entry(index, 1, 5000)] }));
      const { state } = await reopened(fixture, persister);
      await Promise.all(writes);
      assertEqual(state.entries, entries(1, 3, 1, 5000), "the entries");
    },
  },
  {
    name: "dispose finishes a commit in flight",
    async run(fixture) {
      const before = await fresh(fixture);
      const sink = await before.createSnapshot({ lastIncludedIndex: 3, lastIncludedTerm: 1 });
      const saved = Promise.all([sink.write(pattern(90_000, 2)), sink.commit()]);
      const { persister } = await reopened(fixture, before);
      await saved;
      assertEqual(await readSnapshot(persister), pattern(90_000, 2), "the data");
    },
  },
  {
    name: "dispose throws away what was not committed",
    async run(fixture) {
      const before = await fresh(fixture);
      const sink = await before.createSnapshot({ lastIncludedIndex: 3, lastIncludedTerm: 1 });
      await sink.write(pattern(90_000, 2));
      const { persister, state } = await reopened(fixture, before);
      assertEqual(state.snapshot, undefined, "the snapshot's position");
      assertEqual(await persister.openSnapshot(), undefined, "the snapshot");
      await sink.abort();
    },
  },
  {
    name: "dispose may be called again, also at the same time",
    async run(fixture) {
      const persister = await fresh(fixture);
      await persister.write({ entries: [entry(1, 1)] });
      await Promise.all([persister[Symbol.asyncDispose](), persister[Symbol.asyncDispose]()]);
      await persister[Symbol.asyncDispose]();
      assertEqual((await opened(fixture)).state.entries, [entry(1, 1)], "the entries");
    },
  },
  {
    name: "dispose without a load leaves the storage to others",
    async run(fixture) {
      await fixture.open()[Symbol.asyncDispose]();
      assertEqual((await opened(fixture)).state, emptyState, "the state");
    },
  },
  {
    name: "after dispose every call rejects as closed",
    async run(fixture) {
      const persister = await fresh(fixture);
      await saveSnapshot(persister, 1, 1, pattern(10, 1));
      const sink = await persister.createSnapshot({ lastIncludedIndex: 2, lastIncludedTerm: 1 });
      const source = await persister.openSnapshot();
      assert(source !== undefined, "there is a snapshot");
      await persister[Symbol.asyncDispose]();
      await assertFails(persister.load(), "closed");
      await assertFails(persister.write({ entries: [] }), "closed");
      await assertFails(persister.createSnapshot({ lastIncludedIndex: 3, lastIncludedTerm: 1 }), "closed");
      await assertFails(persister.openSnapshot(), "closed");
      await assertFails(sink.write(pattern(1, 1)), "closed");
      await assertFails(sink.commit(), "closed");
      await assertFails(source.read(0, 1), "closed");
      await sink.abort();
      await source.close();
    },
  },
];
