/**
 * Writes to a SQLite persister and prints each acknowledged write: `bun writer.ts FILE write`. Prints the stored state
 * as JSON: `bun writer.ts FILE read`. A separate process, so that it can be killed.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { sqlitePersister } from "../../../adapters/bun-sqlite/index.ts";
import { type LogEntry, replicaId } from "../../../src/raft/index.ts";

const [file = "", task] = process.argv.slice(2);
await using persister = sqlitePersister({ file, clusterId: "c1", replicaId: replicaId("n1") });
const state = await persister.load();
const acknowledge = (what: string) => writeSync(1, `${what}\n`);

if (task === "read") {
  const { hardState, snapshot, prevLogIndex, entries } = state;
  const source = await persister.openSnapshot();
  const bytes = source && (await source.read(0, source.size)).length;
  acknowledge(
    JSON.stringify({ term: hardState.currentTerm, snapshot, prevLogIndex, log: entries.length, bytes }),
  );
} else {
  for (let term = 1; term <= 6; term++) {
    const entry: LogEntry = { type: "command", index: term, term, data: new Uint8Array(3000) };
    await persister.write({
      hardState: { currentTerm: term, votedFor: undefined, countedPeers: [] },
      entries: [entry],
    });
    acknowledge(`term ${term}`);
  }
  const sink = await persister.createSnapshot({ lastIncludedIndex: 4, lastIncludedTerm: 4 });
  for (let chunk = 0; chunk < 3; chunk++) await sink.write(new Uint8Array(5000));
  await sink.commit();
  acknowledge("snapshot 4");
}
