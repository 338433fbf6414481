import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

function script(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync("node_modules/.bin/bun", ["scripts/explore.ts", ...args], { cwd: root, encoding: "utf8" });
}

test("the script reports each depth, and the result", () => {
  const { status, stdout } = script("--depth", "4", "--check-merging");
  expect(stdout).toMatch(/^depth 4: 18 new states, 31 in all, 75 transitions/m);
  expect(stdout).toMatch(/^no rule is broken: every run of 4 actions was explored/m);
  expect(status).toBe(0);
});

test("the script names an unknown option, and the known ones", () => {
  const { status, stderr } = script("--dept", "4");
  expect(stderr).toBe(
    "--dept is not known; there are: --depth N, --replicas N, --terms N, --proposals N, --crashes N, --heartbeats N, --losses N, --repeats N, --prompt-writes, --check-merging\n",
  );
  expect(status).toBe(2);
});

test("the script names an invalid bound, and the allowed range", () => {
  const { status, stderr } = script("--replicas", "many");
  expect(stderr).toBe("replicas: a whole number from 1 to 5, not NaN\n");
  expect(status).toBe(2);
});
