/** Puts each mistake of test/mutants in, and sees whether the simulator finds it: `npm run mutants -- --help`. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type Mutant, mutants } from "../test/mutants/index.ts";
import { mutantIds, mutatedCopy } from "./mutate.ts";
import { MAX_SEED, wholeNumber } from "./sim/options.ts";
import type { Summary } from "./sim/tally.ts";

interface Options {
  readonly only?: readonly string[];
  readonly maxSeeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly json?: true;
}

/** What became of a mutant. `error`: the run itself failed, which shows nothing. */
type Fate =
  | { readonly type: "caught"; readonly property: string; readonly message: string; readonly seeds: number }
  | { readonly type: "survived"; readonly seeds: number }
  | { readonly type: "error"; readonly message: string };

interface Verdict {
  readonly mutant: Mutant;
  readonly fate: Fate;
  readonly seconds: number;
}

function only(text: string): string[] {
  const ids = text.split(",");
  const unknown = ids.filter((id) => !mutantIds().includes(id));
  if (unknown.length === 0) return ids;
  throw new InvalidArgumentError(`There is no ${unknown.join(", ")}, but ${mutantIds().join(", ")}.`);
}

const command = new Command("mutants")
  .description("Puts one known mistake after the other in, and runs the simulator until it finds it.")
  .addOption(new Option("--only <ids>", "these mutants, with commas between them").argParser(only))
  .addOption(
    new Option("--max-seeds <count>", "give up after so many")
      .argParser(wholeNumber(1, MAX_SEED))
      .default(5000),
  )
  .addOption(new Option("--from <seed>", "the first seed").argParser(wholeNumber(0, MAX_SEED)).default(1))
  .addOption(new Option("--jobs <count>", "how many at a time").argParser(wholeNumber(1, 64)).default(2))
  .option("--json", "print JSON")
  .allowExcessArguments(false)
  .exitOverride();

async function main({ only: ids, jobs, json, ...run }: Options): Promise<number> {
  const waiting = mutants.filter(({ id }) => ids === undefined || ids.includes(id));
  const verdicts: Verdict[] = [];
  const work = async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const verdict = await judge(mutant, run);
      verdicts.push(verdict);
      process.stderr.write(`${row(verdict)}\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const order = mutants.map(({ id }) => id);
  verdicts.sort((a, b) => order.indexOf(a.mutant.id) - order.indexOf(b.mutant.id));
  if (json)
    console.log(
      JSON.stringify(verdicts.map(({ mutant: { id, mistake }, ...rest }) => ({ id, mistake, ...rest }))),
    );
  else console.log(["", ...verdicts.map(row), "", closing(verdicts)].join("\n"));
  return verdicts.every(({ fate }) => fate.type === "caught") ? 0 : 1;
}

async function judge(mutant: Mutant, run: Pick<Options, "maxSeeds" | "from">): Promise<Verdict> {
  const begin = performance.now();
  const fate = await fateOf(mutant, run).catch((error): Fate => ({ type: "error", message: String(error) }));
  return { mutant, fate, seconds: (performance.now() - begin) / 1000 };
}

async function fateOf({ id }: Mutant, { maxSeeds, from }: Pick<Options, "maxSeeds" | "from">): Promise<Fate> {
  await using copy = await mutatedCopy(id);
  const flags = ["--seeds", `${maxSeeds}`, "--from", `${from}`, "--jobs", "1", "--stop-at-first", "--json"];
  const { code, output, errors } = await runToEnd([join(copy.directory, "scripts/sim.ts"), ...flags]);
  if (code !== 0 && code !== 1) return { type: "error", message: errors.slice(-2000) };
  const summary: Summary = JSON.parse(output.trim().split("\n").at(-1) ?? "");
  const [violation] = summary.violations;
  if (violation === undefined) return { type: "survived", seeds: summary.seeds };
  return { type: "caught", ...violation, seeds: violation.seed - from + 1 };
}

function runToEnd(args: readonly string[]): Promise<{ code: number | null; output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const text = { output: "", errors: "" };
    child.stdout.on("data", (bytes) => {
      text.output += bytes;
    });
    child.stderr.on("data", (bytes) => {
      text.errors += bytes;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...text }));
  });
}

function row({ mutant: { id, mistake }, fate, seconds }: Verdict): string {
  const end =
    fate.type === "caught"
      ? `${fate.property.padEnd(8)} after ${String(fate.seeds).padStart(4)} seeds`
      : fate.type === "survived"
        ? `SURVIVED ${fate.seeds} seeds`
        : `ERROR ${fate.message}`;
  return `${id.padEnd(4)} ${mistake.slice(0, 76).padEnd(76)} ${end}, ${seconds.toFixed(0)} s`;
}

function closing(verdicts: readonly Verdict[]): string {
  const seeds = verdicts
    .flatMap(({ fate }) => (fate.type === "caught" ? [fate.seeds] : []))
    .sort((a, b) => a - b);
  const median = seeds[seeds.length >> 1] ?? 0;
  return `${seeds.length} of ${verdicts.length} caught; seeds: median ${median}, worst ${seeds.at(-1) ?? 0}`;
}

try {
  process.exitCode = await main(command.parse().opts<Options>());
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
