import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { copyWithEdits } from "../mutants/mutated-copy.ts";
import { matrix, nameOfPart, type Part, partsNamed } from "./matrix.ts";
import type { ChaosOptions } from "./options.ts";
import { drawPlan, type RunPlan } from "./plan.ts";
import { type Planted, planted } from "./planted.ts";
import { Random } from "./random.ts";
import {
  closing,
  notRun,
  type PlantedResult,
  plantedLine,
  type RunReport,
  reportOf,
  runText,
} from "./report/index.ts";
import { type RunResult, run } from "./run.ts";
import type { ToolName } from "./tools.ts";

const PLANTED_SECONDS = 12;
const PLANTED_RECOVERY_MS = 10_000;
const PLANTED_TRIES = 6;

type Options = ChaosOptions & { readonly seed: number };

/**
 * Checks first that planted bugs are found, then runs the parts of the matrix in turn until the time is over.
 *
 * @returns the exit code: 1 if anything was found, or a planted bug was not
 */
export async function campaign(
  options: Options,
  tools: ReadonlySet<ToolName>,
  directory: string,
): Promise<number> {
  const begin = performance.now();
  const { seed, minutes } = options;
  console.log(`seed ${seed}`);
  for (const line of notRun(tools, options.faults)) console.log(line);
  const plants = options.planted ? await tryPlanted(options, tools, directory) : [];
  const parts = partsInOrder(options.only, tools, seed);
  const reports: RunReport[] = [];
  const isLate = () => reports.length > 0 && performance.now() - begin > minutes * 60_000;
  const isOver = () => (options.runs === undefined ? isLate() : reports.length >= options.runs);
  for (let at = 0; parts.length > 0 && !isOver(); at++) {
    const part = parts[at % parts.length] as Part;
    const plan = drawPlan({ seed: (seed + at) % 2 ** 31, part, seconds: options.seconds, tools });
    const place = join(directory, `run${at}`);
    const report = reportOf(await runIn(place, { options, plan, tools }));
    reports.push(report);
    console.log(runText(report));
    if (options.keep !== undefined) keepLogs(place, join(options.keep, `${plan.seed}-${nameOfPart(part)}`));
    rmSync(place, { recursive: true, force: true });
  }
  const { text, isClean } = closing({
    reports,
    plants,
    isPlantedTried: options.planted,
    tools,
    faults: options.faults,
  });
  console.log(text);
  return isClean ? 0 : 1;
}

function runIn(
  directory: string,
  {
    options,
    plan,
    tools,
  }: { readonly options: Options; readonly plan: RunPlan; readonly tools: ReadonlySet<ToolName> },
): Promise<RunResult> {
  return run({ plan, faults: options.faults, tools, directory });
}

/** In a random order determined by the seed. */
function partsInOrder(only: readonly Part[], tools: ReadonlySet<ToolName>, seed: number): Part[] {
  const possible = only.filter(({ transport }) => transport === "http" || tools.has("nats"));
  return new Random(seed, "parts").sample(possible, matrix.length);
}

async function tryPlanted(
  options: Options,
  tools: ReadonlySet<ToolName>,
  directory: string,
): Promise<PlantedResult[]> {
  const results: PlantedResult[] = [];
  for (const mistake of planted) {
    const result = await tryOne(mistake, options, tools, join(directory, mistake.name));
    results.push(result);
    console.log(plantedLine(result));
  }
  return results;
}

/** On Bun, which runs the modified sources directly, and with the fewest replicas, because each counts most. */
async function tryOne(
  mistake: Planted,
  { seed }: Options,
  tools: ReadonlySet<ToolName>,
  directory: string,
): Promise<PlantedResult> {
  if (mistake.needs !== undefined && !tools.has(mistake.needs))
    return { mistake, fate: { type: "notRun", tool: mistake.needs } };
  await using copy = await copyWithEdits(mistake.name, mistake.edits);
  const [part] = partsNamed(["3", "bun", "http", "file"]);
  if (part === undefined) throw new RangeError("parts: with 3-bun-http-file");
  const begin = performance.now();
  for (let at = 0; at < PLANTED_TRIES; at++) {
    const drawn = drawPlan({ seed: (seed + at) % 2 ** 31, part, seconds: PLANTED_SECONDS, tools });
    const plan: RunPlan = { ...drawn, disks: tools.has("fuse") ? "fuse" : "plain" };
    const place = join(directory, `${at}`);
    const { findings } = await run({
      ...{ plan, tools, faults: mistake.faults, directory: place },
      ...{ project: copy.directory, recoversWithinMs: PLANTED_RECOVERY_MS },
    });
    const found = findings.find(({ kind }) => mistake.caughtAs.includes(kind));
    rmSync(place, { recursive: true, force: true });
    const seconds = (performance.now() - begin) / 1000;
    if (found !== undefined)
      return { mistake, fate: { type: "found", finding: found, runs: at + 1, seconds } };
  }
  return { mistake, fate: { type: "missed", runs: PLANTED_TRIES } };
}

function keepLogs(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((file) => file.endsWith(".log")))
    cpSync(join(from, name), join(to, name));
}
