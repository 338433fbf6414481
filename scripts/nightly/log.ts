import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";

/** The result of a part. */
export interface Result {
  readonly name: string;
  readonly what: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** Commands that repeat its failures, each with a seed. */
  readonly again: readonly string[];
}

/** A night, as a line of the file keeps it. */
interface Night {
  readonly date: string;
  readonly commit: string;
  /** The first of its fresh seeds, and the first that the next night takes. Equal if it ran none. */
  readonly from: number;
  readonly next: number;
  readonly results: readonly Result[];
}

/** Lower seeds are those of the gate, of earlier searches and of runs by hand. */
const FIRST_SEED = 1_000_000_000;

/** The nights so far, a line of JSON each. So no seed is run twice, and a failure can be found again. */
export class NightLog {
  readonly #file: URL;

  constructor(file: URL) {
    this.#file = file;
  }

  /** The first seed that no night has run. */
  get nextSeed(): number {
    return Math.max(FIRST_SEED, ...this.#nights().map(({ next }) => next));
  }

  add(night: Night): void {
    if (!existsSync(this.#file)) writeFileSync(this.#file, "");
    appendFileSync(this.#file, `${JSON.stringify(night)}\n`);
  }

  #nights(): Night[] {
    if (!existsSync(this.#file)) return [];
    const lines = readFileSync(this.#file, "utf8").trim().split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  }
}

/** Finds the commands that repeat a failure in the output of a part. */
export function repeatsIn(output: string): string[] {
  return [...new Set(output.match(/npm run \w+ -- [^\n]*--seed \d+[^\n]*/g) ?? [])].map((line) =>
    line.trim(),
  );
}

/** One line a part, and one for each command that repeats a failure. */
export function table(results: readonly Result[]): string {
  const rows = results.flatMap(({ name, what, passed, seconds, again }) => [
    `${name.padEnd(8)} ${passed ? "passed" : "FAILED"} ${minutes(seconds).padStart(9)}  ${what}`,
    ...again.map((command) => `         again:  ${command}`),
  ]);
  const total = results.reduce((sum, { seconds }) => sum + seconds, 0);
  const failed = results.filter(({ passed }) => !passed).length;
  const verdict = failed === 0 ? "all passed" : `${failed} of ${results.length} failed`;
  return [...rows, `${verdict}, in ${minutes(total)}`].join("\n");
}

function minutes(seconds: number): string {
  return `${(seconds / 60).toFixed(1)} min`;
}
