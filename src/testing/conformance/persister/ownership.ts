import { assert, assertEqual } from "../../assert.ts";
import { assertFails, entries, fresh, n1, n2, opened, type PersisterCase } from "./fixture.ts";

export const ownership: readonly PersisterCase[] = [
  {
    name: "a storage in use is locked for every other persister",
    async run(fixture) {
      const first = await fresh(fixture);
      const second = fixture.open();
      await assertFails(second.load(), "locked");
      await second[Symbol.asyncDispose]();
      await assertFails(fixture.open().load(), "locked");
      await first.write({ entries: entries(1, 2, 1) });
      await first[Symbol.asyncDispose]();
      assertEqual((await opened(fixture)).state.entries, entries(1, 2, 1), "the entries");
    },
  },
  {
    name: "of two that load at the same time one gets the storage",
    async run(fixture) {
      const loads = await Promise.allSettled([fixture.open().load(), fixture.open().load()]);
      assertEqual(loads.map(({ status }) => status).sort(), ["fulfilled", "rejected"], "how they ended");
    },
  },
  {
    name: "a crash leaves no lock behind",
    async run(fixture) {
      await fresh(fixture);
      await fixture.crash();
      await fresh(fixture);
    },
  },
  {
    name: "the storage of another replica is refused, and both are named",
    async run(fixture) {
      await (await fresh(fixture))[Symbol.asyncDispose]();
      const error = await assertFails(fixture.open({ replicaId: n2 }).load(), "mismatch");
      assert(error.message.includes(n1) && error.message.includes(n2), `both are named: ${error.message}`);
      await fresh(fixture);
    },
  },
  {
    name: "the storage of another cluster is refused, and both are named",
    async run(fixture) {
      await (await fresh(fixture))[Symbol.asyncDispose]();
      const error = await assertFails(fixture.open({ clusterId: "c2" }).load(), "mismatch");
      assert(
        error.message.includes("c1") && error.message.includes("c2"),
        `both are named: ${error.message}`,
      );
      await fresh(fixture);
    },
  },
];
