import { describe, expect, test } from "vitest";
import { type ConformanceCase, persisterConformance, storedLogConformance } from "../../src/testing/index.ts";
import { memoryFixture, realFileFixture, simulatedFileFixture } from "./persister-fixtures.ts";

describe("the memory persister", () => runAll(persisterConformance, memoryFixture));
describe("the file persister on a simulated disk", () => runAll(persisterConformance, simulatedFileFixture));
describe("the file persister on the machine's disk", () => runAll(persisterConformance, realFileFixture));

// The memory persister stores no bytes of a log, so it has none that could be damaged.
describe("the log of the file persister, on a simulated disk", () =>
  runAll(storedLogConformance, simulatedFileFixture));
describe("the log of the file persister, on the machine's disk", () =>
  runAll(storedLogConformance, realFileFixture));

test("the suite has sixty cases or more, each with a name of its own", () => {
  expect(persisterConformance.length).toBeGreaterThanOrEqual(60);
  const names = persisterConformance.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

function runAll<Fixture extends AsyncDisposable>(
  cases: readonly ConformanceCase<Fixture>[],
  open: () => Promise<Fixture>,
): void {
  for (const { name, run } of cases) {
    test(name, async () => {
      const fixture = await open();
      try {
        await run(fixture);
      } finally {
        await fixture[Symbol.asyncDispose]();
      }
    });
  }
}
