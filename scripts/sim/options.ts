import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ProfileName, profiles } from "../../src/testing/simulator/index.ts";

export interface SimOptions {
  readonly seeds: number;
  readonly from?: number;
  readonly seed?: number;
  readonly profile: ProfileName;
  readonly jobs: number;
  readonly trace?: true;
  readonly shrink?: number;
  readonly scenario?: string;
  readonly mutation?: string;
  readonly stopAtFirst?: true;
  readonly hashes?: true;
  readonly json?: true;
}

export const MAX_SEED: number = 2 ** 32 - 1;

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(number) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`A whole number from ${min} to ${max} is allowed.`);
  };
}

const seed = wholeNumber(0, MAX_SEED);

/** @param mutants the ids that `--mutation` may name */
export function simCommand(mutants: readonly string[]): Command {
  return new Command("sim")
    .description("Runs clusters in virtual time while things go wrong, and checks what must hold all along.")
    .addOption(option("--seeds <count>", "how many seeds to run", wholeNumber(1, MAX_SEED)).default(1000))
    .addOption(option("--from <seed>", "the first of them; drawn anew where it is not given", seed))
    .addOption(option("--seed <seed>", "run this one alone", seed))
    .addOption(
      new Option("--profile <name>", "how much of everything").choices(Object.keys(profiles)).default("full"),
    )
    .addOption(
      option("--jobs <count>", "how many run at a time", wholeNumber(1, 64)).default(availableParallelism()),
    )
    .option("--trace", "with --seed or --scenario: print every event")
    .addOption(option("--shrink <seed>", "make a seed that fails smaller, and write it to a file", seed))
    .option("--scenario <file>", "run the plan in a file that --shrink wrote")
    .addOption(new Option("--mutation <id>", "put one of the mistakes of test/mutants in").choices(mutants))
    .option("--stop-at-first", "stop at the first violation")
    .option("--hashes", "print the hash of each seed's events")
    .option("--json", "end with one line of JSON")
    .allowExcessArguments(false)
    .configureHelp({ helpWidth: 110 })
    .exitOverride();
}

function option(flags: string, description: string, parse: (text: string) => number): Option {
  return new Option(flags, description).argParser(parse);
}
