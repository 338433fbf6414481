import { test } from "vitest";
import { reportLine } from "./report.ts";

/** Number of seeds of each test; 100 with `npm run labs`. */
const seedCount = Number(process.env.LAB_SEEDS ?? 2);

const seeds: readonly number[] =
  process.env.LAB_SEED === undefined
    ? Array.from({ length: seedCount }, (_, n) => n + 1)
    : [Number(process.env.LAB_SEED)];

/** Time is virtual: only a hang of the simulator itself reaches this. In ms. */
const HANG_MS = 15 * 60_000;

/**
 * One test of the labs, over all seeds.
 *
 * @param scenario runs it once. If it throws, the test fails with the error, the seed, and the command to repeat the
 * run
 */
export function labTest(name: string, scenario: (seed: number) => Promise<void>): void {
  const overAllSeeds = async () => {
    const before = process.cpuUsage();
    for (const seed of seeds) {
      await scenario(seed).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        const again = `LAB_SEED=${seed} npx vitest run test/labs -t ${JSON.stringify(name)}`;
        throw new Error(`seed ${seed}: ${reason}\n  again: ${again}`, { cause: error });
      });
    }
    const { user, system } = process.cpuUsage(before);
    reportLine(`${((user + system) / 1e6).toFixed(1)} s of CPU for ${seeds.length} seeds: ${name}`);
  };
  test(name, overAllSeeds, HANG_MS);
}
