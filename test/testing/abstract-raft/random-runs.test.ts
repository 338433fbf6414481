import { expect, test } from "vitest";
import { randomRun } from "./random-run.ts";

test("every step of the real core is one that the abstract Raft can take too", () => {
  const totals = { events: 0, committed: 0, terms: 0 };
  for (let seed = 1; seed <= 300; seed++) {
    try {
      const { events, committed, terms } = randomRun(seed);
      totals.events += events;
      totals.committed += committed;
      totals.terms += terms;
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  expect(totals.events).toBeGreaterThan(300 * 1000);
  expect(totals.committed).toBeGreaterThan(300 * 20);
  expect(totals.terms).toBeGreaterThan(300 * 3);
});
