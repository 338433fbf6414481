/**
 * Runs all checks that take too long for each change, one part after another, and ends with a table. After a failure the
 * other parts still run. Each night uses the seeds after those of the previous night, and writes them to `nightly.jsonl`:
 *
 *     npm run nightly              runs all parts, for hours
 *     npm run nightly -- labs      runs the named parts
 */
import { execFileSync, spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { NightLog, type Result, repeatsIn, table } from "./log.ts";
import { type Part, partsFrom, SEEDS } from "./parts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function run({ name, what, command, environment }: Part): Result {
  console.log(`\n== ${name}: ${what}`);
  const begin = performance.now();
  const [program = "", ...args] = command;
  const env = { ...process.env, ...environment };
  // Progress goes to stderr; the results are read here as well.
  const { status, stdout } = spawnSync(program, args, {
    cwd: root,
    env,
    stdio: ["inherit", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  process.stdout.write(stdout);
  const passed = status === 0;
  const seconds = (performance.now() - begin) / 1000;
  return { name, what, passed, seconds, again: passed ? [] : repeatsIn(stdout) };
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
