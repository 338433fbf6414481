/**
 * Runs conformance suites on whatever runtime runs this file, without a test runner:
 *
 *     bun scripts/conformance.ts [persisters] [transports] ...
 *
 * Prints one line per case, last of all the counts; exits 1 when a case failed. Without arguments it runs all.
 */
import process from "node:process";
import { type ConformanceCase, persisterConformance, storedLogConformance } from "../src/testing/index.ts";
import {
  memoryFixture,
  realFileFixture,
  simulatedFileFixture,
} from "../test/conformance/persister-fixtures.ts";

/** One implementation and the cases that it runs. */
interface Subject {
  readonly name: string;
  readonly cases: readonly { readonly name: string; run(): Promise<void> }[];
}

const suites: Readonly<Record<string, readonly Subject[]>> = {
  persisters: [
    subject("memory", memoryFixture, persisterConformance),
    subject("file, simulated disk", simulatedFileFixture, persisterConformance),
    subject("file, simulated disk, damaged", simulatedFileFixture, storedLogConformance),
    subject("file", realFileFixture, persisterConformance),
    subject("file, damaged", realFileFixture, storedLogConformance),
  ],
};

function subject<Fixture extends AsyncDisposable>(
  name: string,
  open: () => Promise<Fixture>,
  cases: readonly ConformanceCase<Fixture>[],
): Subject {
  const onFixture = (run: ConformanceCase<Fixture>["run"]) => async () => {
    const fixture = await open();
    try {
      await run(fixture);
    } finally {
      await fixture[Symbol.asyncDispose]();
    }
  };
  return { name, cases: cases.map((one) => ({ name: one.name, run: onFixture(one.run) })) };
}

async function runSuites(names: readonly string[]): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const { name: subject, cases } of names.flatMap((name) => suites[name] ?? [])) {
    for (const { name, run } of cases) {
      try {
        await run();
        passed++;
        console.log(`ok      ${subject}: ${name}`);
      } catch (error) {
        failed++;
        console.log(`FAILED  ${subject}: ${name}`, error);
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`no suite is called ${unknown.join(", ")}; there are: ${Object.keys(suites).join(", ")}`);
  process.exitCode = 2;
} else {
  process.exitCode = await runSuites(wanted.length > 0 ? wanted : Object.keys(suites));
}
