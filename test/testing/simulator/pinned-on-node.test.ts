import process from "node:process";
import { expect, test } from "vitest";
import { drawPlan, kvSubject, profiles, run } from "../../../src/testing/simulator/index.ts";
import { PATIENT_MS } from "./bun-script.ts";
import { FIRST_SEED, HOW_TO_PIN, pinnedHashes } from "./pinned-seeds.ts";

/** With `npm run nightly` all of them. */
const SEEDS = Number(process.env.SEEDS_ON_NODE ?? 40);

test(
  `${SEEDS} fixed seeds run on Node as they were pinned, and an abstract Raft can follow each of their steps`,
  async () => {
    const hashes: string[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const plan = drawPlan(seed, profiles.quick, kvSubject);
      const { hash, violation } = await run(plan, kvSubject, { refinement: true });
      expect(violation, `seed ${seed}`).toBeUndefined();
      hashes.push(`${seed} ${hash}`);
    }
    expect(hashes, HOW_TO_PIN).toEqual(pinnedHashes().slice(0, SEEDS));
  },
  PATIENT_MS,
);

test("a run without the abstract Raft is the same run, and so is its repetition", async () => {
  const plan = drawPlan(7, profiles.quick, kvSubject);
  const runs = [
    await run(plan, kvSubject, { refinement: true }),
    await run(plan, kvSubject),
    await run(plan, kvSubject),
  ];
  expect(new Set(runs.map(({ hash }) => hash)).size).toBe(1);
  const other = await run(drawPlan(8, profiles.quick, kvSubject), kvSubject);
  expect(other.hash).not.toBe(runs[0]?.hash);
});
