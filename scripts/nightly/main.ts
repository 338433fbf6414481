/**
 * Runs what is too long for every change, one part after the other, and ends with a table. A failure does not keep the
 * others from running. Each night takes fresh seeds, those after the last one's, and keeps them in `nightly.jsonl`:
 *
 *     npm run nightly              all parts; hours
 *     npm run nightly -- labs      some of them, by their names
 */
import { execFileSync, spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { NightLog, type Result, table } from "./log.ts";
import { type Part, partsFrom, SEEDS } from "./parts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function run({ name, what, command, environment }: Part): Result {
  console.log(`\n== ${name}: ${what}`);
  const begin = performance.now();
  const [program = "", ...args] = command;
  const env = { ...process.env, ...environment };
  const { status } = spawnSync(program, args, { cwd: root, env, stdio: "inherit" });
  return { name, what, passed: status === 0, seconds: (performance.now() - begin) / 1000 };
}

function main(names: readonly string[]): number {
  const log = new NightLog(new URL("../../nightly.jsonl", import.meta.url));
  const from = log.nextSeed;
  const parts = partsFrom(from);
  const known = parts.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(", ")}; known: ${known.join(", ")}`);
    return 2;
  }
  const results = parts.filter(({ name }) => names.length === 0 || names.includes(name)).map(run);
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: root,
    encoding: "utf8",
  }).trim();
  const next = results.some(({ name }) => name === "seeds") ? from + SEEDS : from;
  log.add({ date: new Date().toISOString(), commit, from, next, results });
  console.log(`\n${table(results)}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
