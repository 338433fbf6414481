import { expect, test } from "vitest";
import { mutants } from "../../mutants/index.ts";
import { PATIENT_MS, runScript } from "./bun-script.ts";

/** The ten that take the most seeds to find; all others by `npm run mutants`. */
const hard = mutants
  .filter((mutant) => mutant.hard === true)
  .map(({ id, mistake, seed }) => [id, mistake, seed] as const);

function look(id: string, ...seeds: string[]): ReturnType<typeof runScript> {
  return runScript("scripts/mutants.ts", "--only", id, "--jobs", "1", ...seeds);
}

test("there are ten of them", () => {
  expect(hard.length).toBe(10);
});

// Of all files this one takes longest, and is alone at the end: two at a time use both cores.
test.concurrent.each(hard)(
  "mutant %s is found: %s",
  async (id, _, seed) => {
    if (seed !== undefined && (await look(id, "--from", `${seed}`, "--max-seeds", "1")).code === 0) return;
    const { code, output, errors } = await look(id);
    expect(code, output + errors).toBe(0);
    if (seed !== undefined)
      console.log(`mutant ${id}: seed ${seed} finds it no more; pin another\n${output}`);
  },
  PATIENT_MS,
);
