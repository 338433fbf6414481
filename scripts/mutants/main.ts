/** Plants each bug of the list and checks whether the simulator finds it: `npm run mutants -- --help`. */
import process from "node:process";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { MAX_SEED, wholeNumber } from "../sim/options.ts";
import { type Fate, judge, type SeedRange, type Verdict } from "./judge.ts";
import { killingSeeds, type Mutant, mutants, numberOf, pinKillingSeeds } from "./list/index.ts";
import { mutantIds } from "./mutated-copy.ts";
import { closing, row } from "./table.ts";

interface Options extends SeedRange {
  readonly only?: readonly Mutant[];
  readonly pinned?: true;
  readonly pin?: true;
  readonly list?: true;
  readonly jobs: number;
  readonly json?: true;
}

/** Selects by id, or by number for all forms of a bug. */
function named(text: string): Mutant[] {
  const names = text.split(",");
  const matches = (mutant: Mutant, name: string) => mutant.id === name || String(numberOf(mutant)) === name;
  const unknown = names.filter((name) => !mutants.some((mutant) => matches(mutant, name)));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`Unknown: ${unknown.join(", ")}. Known: ${mutantIds().join(", ")}.`);
  }
  return mutants.filter((mutant) => names.some((name) => matches(mutant, name)));
}

const command = new Command("mutants")
  .description("Plants one known bug after another, and runs the simulator until it finds it.")
  .addOption(
    new Option("--only <ids>", "ids, separated by commas; a number selects all forms of a bug").argParser(
      named,
    ),
  )
  .option("--pinned", "only mutants with a pinned seed; search if that seed no longer finds the mutant")
  .option("--pin", "write the seeds that find them to scripts/mutants/list/killing-seeds.txt")
  .option("--list", "list the mutants without running them")
  .addOption(
    new Option("--max-seeds <count>", "number of seeds after which to give up")
      .argParser(wholeNumber(1, MAX_SEED))
      .default(5000),
  )
  .addOption(new Option("--from <seed>", "the first seed").argParser(wholeNumber(0, MAX_SEED)).default(1))
  .addOption(new Option("--jobs <count>", "number of parallel runs").argParser(wholeNumber(1, 64)).default(2))
  .option("--json", "print JSON")
  .allowExcessArguments(false)
  .exitOverride();

async function main(options: Options): Promise<number> {
  const { only = mutants, list, json, pin, pinned } = options;
  const known = pinned ? killingSeeds() : new Map<string, number>();
  const chosen = only.filter(({ id }) => !pinned || known.has(id));
  if (list) {
    for (const { id, name, mistake } of chosen) console.log(`${id.padEnd(4)} ${name.padEnd(42)} ${mistake}`);
    return 0;
  }
  const verdicts = await judgeAll(chosen, known, options);
  if (json) console.log(JSON.stringify(verdicts.map(plain)));
  else console.log(["", ...verdicts.map(row), "", closing(verdicts)].join("\n"));
  if (pin) pinKillingSeeds(new Map(verdicts.flatMap(({ mutant, fate }) => seedOf(mutant, fate))));
  return verdicts.every(({ fate }) => fate.type === "caught") ? 0 : 1;
}

function seedOf({ id }: Mutant, fate: Fate): [string, number][] {
  return fate.type === "caught" ? [[id, fate.seed]] : [];
}

/** Judges some in parallel. The verdicts are in the order of the mutants. */
async function judgeAll(
  chosen: readonly Mutant[],
  known: ReadonlyMap<string, number>,
  options: Options,
): Promise<Verdict[]> {
  const waiting = [...chosen];
  const verdicts = new Map<Mutant, Verdict>();
  const work = async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const verdict = await judgeFrom(mutant, known.get(mutant.id), options);
      verdicts.set(mutant, verdict);
      process.stderr.write(`[${verdicts.size}/${chosen.length}] ${row(verdict)}\n`);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return chosen.flatMap((mutant) => verdicts.get(mutant) ?? []);
}

/** The runs change with the code, so a pinned seed may no longer find its mutant. */
async function judgeFrom(mutant: Mutant, known: number | undefined, seeds: SeedRange): Promise<Verdict> {
  if (known === undefined) return judge(mutant, seeds);
  const verdict = await judge(mutant, { from: known, maxSeeds: 1 });
  if (verdict.fate.type !== "survived") return verdict;
  console.log(
    `${mutant.id}: seed ${known} no longer finds it; pin again: npm run mutants -- --only ${mutant.id} --pin`,
  );
  return judge(mutant, seeds);
}

function plain({ mutant: { id, name, mistake }, fate, seconds }: Verdict) {
  return { id, name, mistake, fate, seconds };
}

try {
  process.exitCode = await main(command.parse().opts<Options>());
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
