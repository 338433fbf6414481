/** Runs the simulator: `npm run sim -- --help`. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { CommanderError } from "commander";
import type { RevisionedInput } from "../../src/testing/linearizability/index.ts";
import {
  drawPlan,
  kvSubject,
  type Plan,
  profiles,
  run,
  shortKvSubject,
  type TraceEvent,
  traceLine,
} from "../../src/testing/simulator/index.ts";
import { mutantIds, mutatedCopy } from "../mutants/mutated-copy.ts";
import { runFleet } from "./fleet.ts";
import { MAX_SEED, type SimOptions, simCommand } from "./options.ts";
import { readScenario, shrinkToFile } from "./scenario.ts";
import { summaryText } from "./summary-text.ts";
import { Tally, type TimedReport } from "./tally.ts";

const USAGE = 2;

async function main(options: SimOptions): Promise<number> {
  const { mutation, shrink, scenario, seed } = options;
  const profile = profiles[options.profile];
  if (mutation !== undefined) return await runMutated(mutation);
  if (shrink !== undefined) return await shrinkSeed(shrink, options);
  if (scenario !== undefined) return await runPlan(readScenario(scenario).plan, options);
  if (options.trace && seed === undefined) throw new Error("--trace goes with --seed or --scenario");
  if (options.trace && seed !== undefined) return await runPlan(drawPlan(seed, profile, kvSubject), options);
  return await runSeeds(options);
}

async function runSeeds(options: SimOptions): Promise<number> {
  const seeds = options.seed === undefined ? options.seeds : 1;
  const from = options.seed ?? options.from ?? Math.floor(Math.random() * (MAX_SEED - seeds));
  const profile = options.profile === "full" ? "" : ` --profile ${options.profile}`;
  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Prints the summary of an interrupted campaign.
    process.once(signal, () => {
      interrupted = true;
    });
  }
  const short = options.short ? " --short" : "";
  const tally = new Tally((seed) => `npm run sim -- --seed ${seed}${profile}${short}`);
  process.stderr.write(`seeds ${from} to ${from + seeds - 1}, profile ${options.profile}\n`);
  await runFleet({
    ...options,
    from,
    seeds,
    done: withProgress(tally, seeds),
    enough: () => interrupted || (options.stopAtFirst === true && tally.violations.length > 0),
  });
  if (options.hashes) {
    for (const [seed, hash] of [...tally.hashes].sort(([a], [b]) => a - b)) console.log(`${seed} ${hash}`);
  }
  const { summary } = tally;
  console.log(options.json ? JSON.stringify({ from, ...summary }) : summaryText(summary));
  return summary.violations.length === 0 ? 0 : 1;
}

/** Prints the progress every two seconds, and findings at once. */
function withProgress(tally: Tally, seeds: number): (timed: TimedReport) => void {
  const begin = performance.now();
  let shownAt = begin;
  return (timed) => {
    tally.add(timed);
    const { seed, violation } = timed.report;
    if (violation) process.stderr.write(`seed ${seed}: ${violation.property}: ${violation.message}\n`);
    if (performance.now() - shownAt < 2000) return;
    shownAt = performance.now();
    const seconds = Math.round((shownAt - begin) / 1000);
    process.stderr.write(
      `${seconds} s: ${tally.seeds} of ${seeds} seeds, ${tally.violations.length} violations\n`,
    );
  };
}

async function runPlan(plan: Plan<RevisionedInput>, { trace, json, short }: SimOptions): Promise<number> {
  const listener = (event: TraceEvent) => console.log(traceLine(event, plan.replicas));
  const report = await run(plan, short ? shortKvSubject : kvSubject, trace ? { listener } : {});
  console.log(json ? JSON.stringify(report) : `${report.events} events, hash ${report.hash}`);
  const { violation } = report;
  console.log(violation === undefined ? "no violation" : `${violation.property}: ${violation.message}`);
  return violation === undefined ? 0 : 1;
}

async function shrinkSeed(seed: number, { profile }: SimOptions): Promise<number> {
  const file = `scenario-${seed}.json`;
  const { property, message, plan } = await shrinkToFile(seed, profiles[profile], file);
  console.log(
    `${property}: ${message}\n` +
      `${plan.replicas} replicas, ${plan.faults.length} faults, ${plan.operations.length} operations: ${file}\n` +
      `npm run sim -- --scenario ${file} --trace`,
  );
  return 1;
}

/** Runs the same command in a copy of the project with a planted bug. */
async function runMutated(mutation: string): Promise<number> {
  await using copy = await mutatedCopy(mutation);
  const own = process.argv.slice(2);
  const at = own.findIndex((argument) => argument.startsWith("--mutation"));
  const rest = own.toSpliced(at, own[at]?.includes("=") ? 1 : 2);
  const child = spawn(process.execPath, [join(copy.directory, "scripts/sim/main.ts"), ...rest], {
    stdio: "inherit",
  });
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

try {
  const options = simCommand(mutantIds()).parse().opts<SimOptions>();
  process.exitCode = await main(options);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  else {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = USAGE;
  }
}
