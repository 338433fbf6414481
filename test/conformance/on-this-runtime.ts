/**
 * Runs the conformance suites on the runtime that runs this file, without a test runner:
 *
 *     bun test/conformance/on-this-runtime.ts [persisters] [transports] [seals]
 *
 * Prints one line per case, last of all the counts; exits 1 when a case failed. Without arguments it runs all.
 */
import process from "node:process";
import { runtimeName } from "../../src/runtime/index.ts";
import { type Subject, subjects } from "./subjects.ts";

const suites: Readonly<Record<string, readonly Subject[]>> = subjects;
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`unknown suite: ${unknown.join(", ")}; known: ${Object.keys(suites).join(", ")}`);
  process.exitCode = 2;
} else {
  process.exitCode = await runSuites(wanted.length > 0 ? wanted : Object.keys(suites));
}

async function runSuites(names: readonly string[]): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const { name: subject, cases, missing } of names.flatMap((name) => suites[name] ?? [])) {
    const why = missing(runtimeName);
    if (why !== undefined) {
      console.log(`skipped ${subject}: ${why}`);
      continue;
    }
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
