import { expect, test } from "vitest";
import { mutants } from "../../mutants/index.ts";
import { PATIENT_MS, runScript } from "./bun-script.ts";

/** The ten that take the most seeds to find; all others by `npm run mutants`. */
const hard = mutants
  .filter((mutant) => mutant.hard === true)
  .map(({ id, mistake }) => [id, mistake] as const);

test("there are ten of them", () => {
  expect(hard.length).toBe(10);
});

// Of all files this one takes longest, and is alone at the end: two at a time use both cores.
test.concurrent.each(hard)(
  "mutant %s is found: %s",
  async (id) => {
    const { code, output, errors } = await runScript("scripts/mutants.ts", "--only", id, "--jobs", "1");
    expect(code, output + errors).toBe(0);
  },
  PATIENT_MS,
);
