import { pathToFileURL } from "node:url";
import { sqlitePersister } from "../../../adapters/bun-sqlite/index.ts";
import { PersisterError } from "../../../src/ports/index.ts";
import { replicaId } from "../../../src/raft/index.ts";
import { assert, assertRejects } from "../../../src/testing/assert.ts";
import type { ConformanceCase } from "../../../src/testing/conformance/conformance-case.ts";
import type { PersisterFixture } from "../../../src/testing/conformance/persister/index.ts";

/** Cases for persisters whose SQLite runs on its own thread. */
export const threadCases: readonly ConformanceCase<PersisterFixture>[] = [
  {
    name: "the event loop runs while SQLite writes, opens and deletes (S7)",
    async run(fixture) {
      const persister = fixture.open();
      const turns = await turnsDuring(persister.load());
      assert(turns > 0, "the event loop turns while a database is opened");
      const data = new Uint8Array(1024 * 1024);
      const entries = [1, 2, 3, 4].map((index) => ({ type: "command", index, term: 1, data }) as const);
      assert((await turnsDuring(persister.write({ entries }))) > 0, "the event loop turns during a write");
      const sink = await persister.createSnapshot({ lastIncludedIndex: 4, lastIncludedTerm: 1 });
      await sink.write(data);
      assert((await turnsDuring(sink.commit())) > 0, "the event loop turns during a compaction");
    },
  },
  {
    name: "a thread that can't be started is an error that names its file, and nothing else is tried",
    async run() {
      const worker = pathToFileURL("/nowhere/sqlite-worker.js") as URL;
      const owner = { clusterId: "c1", replicaId: replicaId("n1") };
      const persister = sqlitePersister({ ...owner, file: "/nowhere/replica.sqlite", worker });
      const error = await assertRejects(persister.load(), "a load without a thread");
      assert(error instanceof PersisterError && error.reason === "failed", `a PersisterError, not ${error}`);
      assert(error.message.includes("/nowhere/sqlite-worker.js"), `the file is named: ${error.message}`);
      await persister[Symbol.asyncDispose]();
    },
  },
  {
    name: "a thread that ends fails the write that waits for it, and every later one",
    async run(fixture) {
      const persister = fixture.open();
      await persister.load();
      await fixture.crash();
      for (const _write of [1, 2]) {
        const error = await assertRejects(persister.write({ entries: [] }), "a write without a thread");
        assert(error instanceof PersisterError && error.reason === "failed", `a failure, not ${error}`);
      }
      await persister[Symbol.asyncDispose]();
    },
  },
];

/** Number of turns of the event loop before a call ends. */
async function turnsDuring(call: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    if (isOver) return;
    turns++;
    setImmediate(turn);
  };
  setImmediate(turn);
  await call;
  isOver = true;
  return turns;
}
