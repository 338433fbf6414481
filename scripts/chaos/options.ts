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
    .description("Runs durio in real processes while things go wrong, and judges what clients were told.")
    .addOption(new Option("--minutes <count>", "how long in all").argParser(number(0.1, 10_000)).default(10))
    .addOption(
      new Option("--seconds <count>", "how long each run has faults").argParser(number(1, 3600)).default(45),
    )
    .addOption(
      new Option("--seed <seed>", "of the first run; drawn anew by default").argParser(whole(0, MAX_SEED)),
    )
    .addOption(
      new Option(
        "--faults <kinds>",
        "these alone, with commas between them: kinds, or first words such as kill",
      )
        .argParser((text) => parsed(text, faultsNamed))
        .default(faultKinds, "all"),
    )
    .addOption(
      new Option("--only <parts>", "parts of the matrix: such as 3-bun-http-file, 5, deno or nats,file")
        .argParser((text) => parsed(text, partsNamed))
        .default(partsNamed([]), "all"),
    )
    .addOption(new Option("--runs <count>", "so many, however long they take").argParser(whole(1, 100_000)))
    .option("--no-planted", "don't show first that planted mistakes are found")
    .option("--keep <directory>", "keep the logs of the replicas there")
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
