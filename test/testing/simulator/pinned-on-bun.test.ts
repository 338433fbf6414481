import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "./bun-script.ts";
import { FIRST_SEED, HOW_TO_PIN, PINNED_SEEDS, pinnedHashes } from "./pinned-seeds.ts";

/** A few seeds suffice to show that runs repeat. */
const REPEATED_SEEDS = 20;

test.each([PINNED_SEEDS, REPEATED_SEEDS])(
  "%i fixed seeds run on Bun as they were pinned",
  async (seeds) => {
    const { output } = await runScript(
      "scripts/sim/main.ts",
      ...["--seeds", `${seeds}`, "--from", `${FIRST_SEED}`, "--profile", "quick", "--hashes"],
    );
    const hashes = output.split("\n").filter((line) => /^\d+ [0-9a-f]{16}$/.test(line));
    expect(hashes, HOW_TO_PIN).toEqual(pinnedHashes().slice(0, seeds));
  },
  PATIENT_MS,
);
