import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "./bun-script.ts";

test(
  "every mutant of which a seed is pinned is found, by this seed or by another one",
  async () => {
    const { code, output, errors } = await runScript("scripts/mutants.ts", "--pinned", "--jobs", "2");
    expect(code, output + errors).toBe(0);
    const stale = output.split("\n").filter((line) => line.includes("pin anew"));
    if (stale.length > 0) console.log(stale.join("\n"));
  },
  PATIENT_MS,
);
