import { describe, expect, test } from "vitest";
import { runScript } from "./bun-script.ts";

describe("npm run sim", () => {
  test.each([
    ["--profile", "slow", /slow.*Allowed choices are quick, full/],
    ["--mutation", "99", /99.*Allowed choices are 1a/],
    ["--seed", "many", /many.*whole number from 0 to 4294967295/],
    ["--seeds", "0", /whole number from 1/],
    ["--colour", "red", /unknown option/],
  ])("%s %s is rejected with the allowed values, exit 2", async (flag, value, message) => {
    const { code, errors } = await runScript("scripts/sim/main.ts", flag, value);
    expect(code).toBe(2);
    expect(errors).toMatch(message);
  });

  test("an invalid scenario is rejected with its file's name", async () => {
    const { code, errors } = await runScript("scripts/sim/main.ts", "--scenario", "package.json");
    expect(code).toBe(2);
    expect(errors).toMatch(/package\.json: no scenario/);
  });

  test("--trace prints a run, one event a line", async () => {
    const { code, output } = await runScript(
      "scripts/sim/main.ts",
      "--seed",
      "3",
      "--profile",
      "quick",
      "--trace",
    );
    expect(code).toBe(0);
    const lines = output.trim().split("\n");
    expect(lines.at(-1)).toBe("no violation");
    expect(lines.filter((line) => /^ +\d+\.\d{3} {2}(n\d|client\d) +\w+ /.test(line)).length).toBeGreaterThan(
      1000,
    );
  });

  test("a mistake that is put in is found, its line reproduces it, and it shrinks", async () => {
    const found = await runScript(
      "scripts/sim/main.ts",
      ...[
        "--mutation",
        "33",
        "--seeds",
        "40",
        "--from",
        "1",
        "--profile",
        "quick",
        "--stop-at-first",
        "--json",
      ],
    );
    expect(found.code, found.errors).toBe(1);
    const { violations } = JSON.parse(found.output.trim().split("\n").at(-1) ?? "");
    expect(violations[0]).toMatchObject({ property: "P8", reproduce: expect.stringContaining("--seed") });
  });
});

describe("npm run mutants", () => {
  test("an unknown mutant is refused with the list, exit 2", async () => {
    const { code, errors } = await runScript("scripts/mutants/main.ts", "--only", "3a,77");
    expect(code).toBe(2);
    expect(errors).toMatch(/Unknown: 77. Known: 1a/);
  });
});
