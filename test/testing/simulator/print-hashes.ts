/** Prints the hash of each of the first pinned runs, on any runtime: `deno run --allow-all …/print-hashes.ts 10`. */
import process from "node:process";
import { drawPlan, kvSubject, profiles, run } from "../../../src/testing/simulator/index.ts";
import { FIRST_SEED } from "./pinned-seeds.ts";

const seeds = Number(process.argv[2]);
for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
  const { hash, violation } = await run(drawPlan(seed, profiles.quick, kvSubject), kvSubject);
  console.log(`${seed} ${violation === undefined ? hash : violation.message}`);
}
