import { expect, test } from "vitest";
import { killingSeeds } from "../../../scripts/mutants/list/index.ts";
import { PATIENT_MS, runScript } from "./bun-script.ts";

// Each waits for a separate process, so that both cores are busy.
test.concurrent.each([...killingSeeds()])(
  "mutant %s is found by seed %i, which is pinned, or by another one",
  async (id) => {
    const { code, output, errors } = await runScript("scripts/mutants/main.ts", "--pinned", "--only", id);
    expect(code, output + errors).toBe(0);
    const stale = output.split("\n").filter((line) => line.includes("pin anew"));
    if (stale.length > 0) console.log(stale.join("\n"));
  },
  PATIENT_MS,
);
