import { expect, test } from "vitest";
import { killingSeeds, mutants } from "../../../scripts/mutants/list/index.ts";
import { PATIENT_MS, runScript } from "./bun-script.ts";

/** Those that must be found by an assertion, before anything else notices. */
const foundByAssertion = new Set(
  mutants.filter(({ caughtBy }) => caughtBy.join() === "bug").map(({ id }) => id),
);

// Each waits for a separate process, so that both cores are busy.
test.concurrent.each([...killingSeeds()])(
  "mutant %s is found by seed %i, which is pinned, or by another one",
  async (id) => {
    const { code, output, errors } = await runScript("scripts/mutants/main.ts", "--pinned", "--only", id);
    expect(code, output + errors).toBe(0);
    if (foundByAssertion.has(id)) expect(output).toMatch(/ s {2}bug: /);
    const stale = output.split("\n").filter((line) => line.includes("pin again"));
    if (stale.length > 0) console.log(stale.join("\n"));
  },
  PATIENT_MS,
);
