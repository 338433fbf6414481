import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "./bun-script.ts";

/** Ten of those that take some seeds to find, and yet are found within the time of a gate; the rest by `npm run mutants`. */
const hidden = ["4", "12", "13", "14", "21", "25c", "26", "28", "32", "36"] as const;

test.each(hidden)(
  "mutant %s is found",
  async (id) => {
    const flags = ["--only", id, "--from", "1", "--max-seeds", "1000", "--jobs", "1"];
    const { code, output, errors } = await runScript("scripts/mutants.ts", ...flags);
    expect(code, output + errors).toBe(0);
  },
  PATIENT_MS,
);
