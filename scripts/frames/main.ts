/**
 * Sends altered messages to a replica with a secret, sealed and unsealed ones, of 50 B to 64 KiB:
 *
 *     npm run frames -- --frames 1000000 --seed 7
 *
 * Exits 1 if one was taken, or took more than 5 ms. Default: 200,000 messages, a random seed.
 */
import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import { MAX_SEED, wholeNumber } from "../sim/options.ts";
import { fuzz } from "./fuzz.ts";

interface Options {
  readonly frames: number;
  readonly seed?: number;
}

const SLOW_MS = 5;

const command = new Command("frames")
  .description("Sends altered messages to a replica with a secret, which must refuse each one unread.")
  .addOption(
    new Option("--frames <count>", "number of messages").argParser(wholeNumber(1, MAX_SEED)).default(200_000),
  )
  .addOption(new Option("--seed <seed>", "random by default").argParser(wholeNumber(0, MAX_SEED)))
  .allowExcessArguments(false)
  .exitOverride();

async function main({ frames, seed = Math.floor(Math.random() * MAX_SEED) }: Options): Promise<number> {
  const begin = performance.now();
  const { bytes, taken, slow, longestMs } = await fuzz({ seed, frames, slowMs: SLOW_MS });
  const seconds = (performance.now() - begin) / 1000;
  const rate = Math.round(frames / seconds).toLocaleString("en-US");
  const mebibytes = Math.round(bytes / 2 ** 20 / seconds);
  console.log(
    `${frames} messages from seed ${seed} in ${seconds.toFixed(1)} s: ${rate}/s, ${mebibytes} MiB/s`,
  );
  console.log(`the slowest took ${longestMs.toFixed(2)} ms`);
  for (const hex of taken) console.log(`taken: ${hex}`);
  for (const { length, ms } of slow) console.log(`slow: ${length} bytes took ${ms.toFixed(1)} ms`);
  if (taken.length === 0 && slow.length === 0) return 0;
  console.log(`npm run frames -- --frames ${frames} --seed ${seed}`);
  return 1;
}

try {
  process.exitCode = await main(command.parse().opts<Options>());
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
