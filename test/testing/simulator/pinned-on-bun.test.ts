import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "./bun-script.ts";
import { FIRST_SEED, HOW_TO_PIN, PINNED_SEEDS, pinnedHashes } from "./pinned-seeds.ts";

test(
  `${PINNED_SEEDS} fixed seeds run on Bun as they were pinned, twice`,
  async () => {
    for (let time = 0; time < 2; time++) {
      const { output } = await runScript(
        "scripts/sim.ts",
        ...["--seeds", `${PINNED_SEEDS}`, "--from", `${FIRST_SEED}`, "--profile", "quick", "--hashes"],
      );
      const hashes = output.split("\n").filter((line) => /^\d+ [0-9a-f]{16}$/.test(line));
      expect(hashes, HOW_TO_PIN).toEqual(pinnedHashes());
    }
  },
  PATIENT_MS,
);
