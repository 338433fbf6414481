import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { runtimeName } from "../../src/runtime/index.ts";
import { persisterConformance } from "../../src/testing/conformance/persister/index.ts";
import { subjects } from "./subjects.ts";

for (const { name, cases, missing } of Object.values(subjects).flat()) {
  // Cases that this runtime can't run; the other runtimes below run them.
  if (missing(runtimeName) !== undefined) continue;
  describe(name, () => {
    for (const one of cases) test(one.name, one.run);
  });
}

test("the persisters' suite has at least sixty cases with different names", () => {
  const names = persisterConformance.map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(60);
  expect(new Set(names).size).toBe(names.length);
});

/** A run of all cases is one test here. Only a hang takes this long, in ms. */
const PATIENT_MS = 10 * 60_000;

test.each([
  ["bun", []],
  ["deno", ["run", "--allow-all"]],
] as const)("every case holds on %s too", { timeout: PATIENT_MS }, async (runtime, flags) => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const script = [...flags, "test/conformance/on-this-runtime.ts"];
  const { stdout } = await promisify(execFile)(`node_modules/.bin/${runtime}`, script, { cwd: root });
  const tried = Object.values(subjects)
    .flat()
    .filter(({ missing }) => missing(runtime) === undefined);
  const count = tried.reduce((sum, { cases }) => sum + cases.length, 0);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(`${count} passed, 0 failed`);
});
