import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "./bun-script.ts";

/** The mistakes that hide best, each with a seed at which it was found: the search begins there. */
const hidden = [
  ["3b", 64],
  ["4", 19],
  ["12", 19],
  ["16", 208],
  ["19", 113],
  ["20", 55],
  ["21", 15],
  ["25b", 179],
  ["28", 13],
  ["32", 39],
] as const;

test.each(hidden)(
  "mutant %s is found from seed %i on",
  async (id, from) => {
    const flags = ["--only", id, "--from", `${from}`, "--max-seeds", "400", "--jobs", "1"];
    const { code, output, errors } = await runScript("scripts/mutants.ts", ...flags);
    expect(code, output + errors).toBe(0);
  },
  PATIENT_MS,
);
