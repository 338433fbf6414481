/**
 * Takes every file descriptor that the process may have, then writes a log of several segments and a snapshot, and
 * prints the data read back: `bun descriptors-process.ts DIRECTORY`. Run it with a low limit of descriptors.
 */
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { filePersister } from "../../../adapters/file/index.ts";
import { replicaId } from "../../../src/raft/index.ts";

const [directory = ""] = process.argv.slice(2);
const options = { directory, clusterId: "c1", replicaId: replicaId("n1"), segmentBytes: 8192 };

function takeAll(): number[] {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync(directory, "r"));
    } catch {
      return taken;
    }
  }
}

// Deno takes a descriptor for signals when it first needs one, and panics if there is none. durio listens from its start.
process.on("SIGTERM", () => process.exit(1));

const persister = filePersister(options);
await persister.load();
const taken = takeAll();
for (let index = 1; index <= 20; index++) {
  await persister.write({ entries: [{ type: "command", index, term: 1, data: new Uint8Array(3000) }] });
}
const sink = await persister.createSnapshot({ lastIncludedIndex: 10, lastIncludedTerm: 1 });
await sink.write(new Uint8Array(100_000));
await sink.commit();
const source = await persister.openSnapshot();
const size = source?.size;
await source?.close();
taken.push(...takeAll());
for (const descriptor of taken) closeSync(descriptor);
await persister[Symbol.asyncDispose]();

const again = filePersister(options);
const { entries } = await again.load();
await again[Symbol.asyncDispose]();
process.stdout.write(`${taken.length > 10} ${size} ${entries.at(-1)?.index}\n`);
