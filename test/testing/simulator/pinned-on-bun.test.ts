import process from "node:process";
import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "./bun-script.ts";
import { FIRST_SEED, HOW_TO_PIN, pinnedHashes } from "./pinned-seeds.ts";

/** With `npm run nightly` all of them. A hash that was pinned before shows that a run repeats. */
const SEEDS = Number(process.env.SEEDS_ON_BUN ?? 60);

test(
  `${SEEDS} fixed seeds run on Bun as they were pinned`,
  async () => {
    const { output } = await runScript(
      "scripts/sim/main.ts",
      ...["--seeds", `${SEEDS}`, "--from", `${FIRST_SEED}`, "--profile", "quick", "--hashes"],
    );
    const hashes = output.split("\n").filter((line) => /^\d+ [0-9a-f]{16}$/.test(line));
    expect(hashes, HOW_TO_PIN).toEqual(pinnedHashes().slice(0, SEEDS));
  },
  PATIENT_MS,
);
