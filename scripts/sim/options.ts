import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ProfileName, profiles } from "../../src/testing/simulator/index.ts";

export interface SimOptions {
  readonly seeds: number;
  readonly from?: number;
  readonly seed?: number;
  readonly profile: ProfileName;
  readonly jobs: number;
  readonly short?: true;
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
    .description("Runs clusters in virtual time under faults, and checks the properties after each event.")
    .addOption(option("--seeds <count>", "number of seeds to run", wholeNumber(1, MAX_SEED)).default(1000))
    .addOption(option("--from <seed>", "the first seed; random by default", seed))
    .addOption(option("--seed <seed>", "run only this seed", seed))
    .addOption(
      new Option("--profile <name>", "amount of faults and operations")
        .choices(Object.keys(profiles))
        .default("full"),
    )
    .addOption(
      option("--jobs <count>", "number of parallel runs", wholeNumber(1, 64)).default(availableParallelism()),
    )
    .option("--short", "clients in replicas take the short way of their clerk")
    .option("--trace", "with --seed or --scenario: print every event")
    .addOption(option("--shrink <seed>", "shrink a failing seed, and write it to a file", seed))
    .option("--scenario <file>", "run the plan in a file written by --shrink")
    .addOption(new Option("--mutation <id>", "plant one of the bugs of the mutants' list").choices(mutants))
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
