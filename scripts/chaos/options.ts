import { Command, InvalidArgumentError, Option } from "commander";
import { type Part, partsNamed } from "./matrix.ts";
import { type FaultKind, faultKinds, faultsNamed } from "./nemeses/index.ts";

export interface ChaosOptions {
  readonly minutes: number;
  readonly seconds: number;
  readonly seed?: number;
  readonly faults: readonly FaultKind[];
  readonly only: readonly Part[];
  readonly runs?: number;
  /** False with `--no-planted`. */
  readonly planted: boolean;
  readonly keep?: string;
}

export const MAX_SEED: number = 2 ** 31 - 1;

export function chaosCommand(): Command {
  return new Command("chaos")
    .description("Runs durio in real processes under faults, and checks the clients' results.")
    .addOption(
      new Option("--minutes <count>", "duration of all runs in minutes")
        .argParser(number(0.1, 10_000))
        .default(10),
    )
    .addOption(
      new Option("--seconds <count>", "duration of the faults of each run in seconds")
        .argParser(number(1, 3600))
        .default(45),
    )
    .addOption(
      new Option("--seed <seed>", "seed of the first run; random by default").argParser(whole(0, MAX_SEED)),
    )
    .addOption(
      new Option(
        "--faults <kinds>",
        "only these faults, separated by commas: kinds, or their first words such as kill",
      )
        .argParser((text) => parsed(text, faultsNamed))
        .default(faultKinds, "all"),
    )
    .addOption(
      new Option(
        "--only <parts>",
        "only these parts of the matrix, such as 3-bun-http-file, 5, deno or nats,file",
      )
        .argParser((text) => parsed(text, partsNamed))
        .default(partsNamed([]), "all"),
    )
    .addOption(
      new Option("--runs <count>", "number of runs, instead of a duration").argParser(whole(1, 100_000)),
    )
    .option("--no-planted", "skip the check that planted bugs are found")
    .option("--keep <directory>", "directory for the replicas' logs")
    .allowExcessArguments(false)
    .exitOverride();
}

function parsed<Result>(text: string, parse: (words: readonly string[]) => Result): Result {
  try {
    return parse(text.split(/[,\s]+/).flatMap((word) => partWords(word)));
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** `3-bun-http-file` are four words; `bun-sqlite` and `kill-one` are one. */
function partWords(text: string): string[] {
  if (!/^[35]-/.test(text)) return [text];
  return text
    .replace("bun-sqlite", "bun_sqlite")
    .split("-")
    .map((word) => word.replace("_", "-"));
}

function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`A number from ${min} to ${max} is allowed.`);
  };
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = number(min, max)(text);
    if (Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError(`A whole number from ${min} to ${max} is allowed.`);
  };
}
