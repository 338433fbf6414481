/**
 * Explores every run of a small cluster of real cores, up to a number of actions. Checks each state:
 *
 *     bun scripts/explore.ts --depth 15 --replicas 3 --terms 2 --proposals 2 --crashes 1
 *
 * --heartbeats, --losses and --repeats limit the number of heartbeats, lost messages and duplicated requests.
 * --prompt-writes makes every write durable at once, so a run has fewer actions, and the same depth reaches further.
 * --check-merging checks that runs with the same state continue in the same way. Depth 15 takes minutes and about 3 GiB.
 *
 * Prints a line per depth and a summary; exits 1 with a shortest run that breaks a rule, 2 if an option is invalid.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import {
  type DepthReport,
  defaultBounds,
  type Exploration,
  type ExplorationOptions,
  explore,
} from "../src/testing/exploration/index.ts";

const boundNames = Object.keys(defaultBounds);
const switches = ["prompt-writes", "check-merging"];
const allowed = [...boundNames.map((name) => `--${name} N`), ...switches.map((name) => `--${name}`)].join(
  ", ",
);

try {
  process.exitCode = run(optionsOf(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

/** @throws TypeError that says what is allowed */
function optionsOf(args: string[]): ExplorationOptions {
  const options = Object.fromEntries([
    ...boundNames.map((name) => [name, { type: "string" }] as const),
    ...switches.map((name) => [name, { type: "boolean" }] as const),
  ]);
  const { tokens } = parseArgs({ args, strict: false, tokens: true, options });
  const bounds: Record<string, number> = {};
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind === "option" && switches.includes(token.name)) given.add(token.name);
    else if (token.kind === "option" && boundNames.includes(token.name)) {
      bounds[token.name] = Number(token.value ?? Number.NaN);
    } else throw new TypeError(`${nameOf(token)} is not known; there are: ${allowed}`);
  }
  return { bounds, promptWrites: given.has("prompt-writes"), checkMerging: given.has("check-merging") };
}

function nameOf(token: { kind: string; rawName?: string; value?: string | undefined }): string {
  return token.rawName ?? token.value ?? "--";
}

function run(options: ExplorationOptions): number {
  const startedMs = performance.now();
  const onDepth = (report: DepthReport) => console.log(lineOf(report, performance.now() - startedMs));
  const exploration = explore({ ...options, onDepth });
  const { violation } = exploration;
  if (violation === undefined) {
    console.log(summaryOf(exploration));
    return 0;
  }
  console.error(`broken: ${violation.rule}`);
  for (const [at, line] of violation.trace.entries()) console.error(`${String(at + 1).padStart(4)}  ${line}`);
  return 1;
}

function lineOf(
  { depth, newStates, states, transitions, localStates }: DepthReport,
  elapsedMs: number,
): string {
  const seconds = (elapsedMs / 1000).toFixed(1);
  const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  return `depth ${depth}: ${newStates} new states, ${states} in all, ${transitions} transitions, ${localStates} of single replicas; ${seconds} s, ${megabytes} MiB`;
}

function summaryOf({ reports, comparedSteps, isComplete }: Exploration): string {
  const last = reports.at(-1);
  const end = isComplete ? "nothing more can happen" : `every run of ${last?.depth} actions was explored`;
  const merging = comparedSteps > 0 ? `; ${comparedSteps} steps of merged runs compared` : "";
  return `no rule is broken: ${end}; ${last?.termsLed} terms led, up to ${last?.committed} entries committed${merging}`;
}
