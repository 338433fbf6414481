import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { NightLog, repeatsIn, table } from "../../scripts/nightly/log.ts";
import { partsFrom } from "../../scripts/nightly/parts.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "nightly-"));
});
afterEach(() => rm(directory, { recursive: true }));

const passed = { name: "labs", what: "100 seeds", passed: true, seconds: 90, again: [] };
const failed = {
  name: "seeds",
  what: "20000 fresh seeds",
  passed: false,
  seconds: 600,
  again: ["npm run sim -- --seed 7"],
};

test("each part of the nightly runs scripts and tests that are there", () => {
  for (const { name, command } of partsFrom(1)) {
    const [, , third = "", script = ""] = command;
    if (command[0] === "npm") expect(Object.keys(manifest.scripts), name).toContain(script);
    else expect(third, name).toBe("run");
    for (const file of command.filter((word) => word.startsWith("test/"))) {
      expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true);
    }
  }
});

test("a night uses the seeds after those of the previous night, which a file keeps", () => {
  const file = pathToFileURL(join(directory, "nightly.jsonl"));
  const from = new NightLog(file).nextSeed;
  const night = { date: "2026-11-30", commit: "abc", results: [passed] };
  new NightLog(file).add({ ...night, from, next: from + 20_000 });
  new NightLog(file).add({ ...night, from: from + 20_000, next: from + 20_000 });
  expect(new NightLog(file).nextSeed).toBe(from + 20_000);
  expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(2);
});

test("the commands that repeat a failure are found in the output of a part, each once", () => {
  const output = [
    "  P3 §5.4 n4 leads without 421@31",
    "     again: npm run sim -- --seed 3884",
    "     again: npm run sim -- --seed 3884",
    "     again: npm run sim -- --seed 7 --profile quick",
  ].join("\n");
  expect(repeatsIn(output)).toEqual([
    "npm run sim -- --seed 3884",
    "npm run sim -- --seed 7 --profile quick",
  ]);
  expect(repeatsIn("violations     none")).toEqual([]);
});

test("the table has a line for each part, one for each command that repeats a failure, and a verdict", () => {
  expect(table([passed])).toBe("labs     passed   1.5 min  100 seeds\nall passed, in 1.5 min");
  expect(table([passed, failed])).toMatch(
    /\nseeds {4}FAILED +10\.0 min .*\n +again: {2}npm run sim -- --seed 7\n1 of 2 failed, in 11\.5 min$/,
  );
});
