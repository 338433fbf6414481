/**
 * One run of a persister, to be traced: `bun traced-run.ts file|bun-sqlite DIRECTORY [STEPS]`. It loads, continues the
 * scripted run of the conformance suite after the loaded state, and prints `ack N` when N steps are acknowledged.
 * Loaded steps count as acknowledged too, because a replica relies on them.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { recovered, scriptedRun } from "../../../src/testing/conformance/persister/script.ts";
import { isPersisterKind, openPersister, stepOf } from "./subject.ts";

const [kind = "", directory = "", lastStep = `${scriptedRun.length}`] = process.argv.slice(2);
if (!isPersisterKind(kind)) throw new RangeError(`kind is ${kind}, must be file or bun-sqlite`);

const persister = openPersister(kind, directory);
const found = stepOf(await recovered(persister, await persister.load()));
if (found === undefined) throw new Error("what was loaded is the state after none of the steps");
const acknowledge = (step: number) => writeSync(1, `ack ${step}\n`);
acknowledge(found);
for (let step = found; step < Number(lastStep); step++) {
  await scriptedRun[step]?.run(persister);
  acknowledge(step + 1);
}
await persister[Symbol.asyncDispose]();
acknowledge(Number(lastStep));
