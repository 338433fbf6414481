import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { type Mutant, needsAssertion } from "./list/index.ts";
import { mutatedCopy } from "./mutated-copy.ts";

/** The result for a mutant. `error`: the run itself failed, which proves nothing. */
export type Fate =
  | {
      readonly type: "caught";
      readonly property: string;
      readonly message: string;
      readonly seed: number;
      /** Number of seeds that it took. */
      readonly seeds: number;
    }
  | { readonly type: "survived"; readonly seeds: number }
  | { readonly type: "error"; readonly message: string };

export interface Verdict {
  readonly mutant: Mutant;
  readonly fate: Fate;
  readonly seconds: number;
}

export interface SeedRange {
  readonly from: number;
  readonly maxSeeds: number;
}

/** Maximum time without output of a simulation, in ms. It reports progress every few seconds. */
const SILENCE_MS = 180_000;

/** Errors of JavaScript engines for code that cannot run. Then the edit is wrong, and nothing was tested. */
const brokenEdit = /is not defined|is not a function|is not an object|Cannot access|before initialization/;

/** Runs the simulator on a copy of the project with the planted bug until it finds something. */
export async function judge(mutant: Mutant, seeds: SeedRange): Promise<Verdict> {
  const begin = performance.now();
  const fate = await fateOf(mutant, seeds).catch(
    (error): Fate => ({ type: "error", message: String(error) }),
  );
  return { mutant, fate, seconds: (performance.now() - begin) / 1000 };
}

async function fateOf(mutant: Mutant, { from, maxSeeds }: SeedRange): Promise<Fate> {
  await using copy = await mutatedCopy(mutant.id);
  const end = from + maxSeeds;
  for (let next = from; next < end; ) {
    const fate = await firstFate(copy.directory, { from: next, maxSeeds: end - next });
    if (fate.type === "error") return fate;
    if (fate.type === "survived") break;
    if (!needsAssertion(mutant) || fate.property === "bug") return { ...fate, seeds: fate.seed - from + 1 };
    next = fate.seed + 1;
  }
  return { type: "survived", seeds: maxSeeds };
}

async function firstFate(directory: string, { from, maxSeeds }: SeedRange): Promise<Fate> {
  const flags = ["--seeds", `${maxSeeds}`, "--from", `${from}`, "--jobs", "1", "--stop-at-first", "--json"];
  const ended = await runToEnd([join(directory, "scripts/sim/main.ts"), "--profile", "full", ...flags]);
  if (ended.code !== 0 && ended.code !== 1) return { type: "error", message: tailOf(ended) };
  const summary = summaryIn(ended.output);
  if (summary === undefined) return { type: "error", message: tailOf(ended) };
  const [violation] = summary.violations;
  if (violation === undefined) return { type: "survived", seeds: summary.seeds };
  const { seed, property, message } = violation;
  if (property === "bug" && brokenEdit.test(message)) return { type: "error", message };
  return { type: "caught", property, message, seed, seeds: seed - from + 1 };
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function runToEnd(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    let output = "";
    let errors = "";
    const giveUp = () => {
      errors += `\nit said nothing for ${SILENCE_MS / 1000} s, and was ended`;
      kill();
    };
    let silence = setTimeout(giveUp, SILENCE_MS);
    child.stdout.on("data", (bytes) => {
      output += bytes;
    });
    child.stderr.on("data", (bytes) => {
      errors += bytes;
      clearTimeout(silence);
      silence = setTimeout(giveUp, SILENCE_MS);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(silence);
      process.off("exit", kill);
      resolve({ code, output, errors });
    });
  });
}

interface Found {
  readonly seeds: number;
  readonly violations: readonly {
    readonly seed: number;
    readonly property: string;
    readonly message: string;
  }[];
}

/** Returns the simulator's summary, or undefined if its last output is something else. */
function summaryIn(output: string): Found | undefined {
  try {
    const found: unknown = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    return isSummary(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isSummary(found: unknown): found is Found {
  return (
    typeof found === "object" &&
    found !== null &&
    "seeds" in found &&
    typeof found.seeds === "number" &&
    "violations" in found &&
    Array.isArray(found.violations)
  );
}

function tailOf({ code, errors }: Ended): string {
  return `the simulator ended with ${code ?? "a signal"}: ${errors.trim().slice(-2000)}`;
}
