import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runScenario, stepDefinitions } from "./scenarios/interpreter/run-scenario.ts";
import { parseScenario } from "./scenarios/interpreter/scenario.ts";

/** Runs of several cores, as plain text with transcripts; see scenarios/README.md. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = fileURLToPath(new URL("scenarios", import.meta.url));
const isRewriting = process.env.SCENARIOS === "rewrite";

const differs = (file: string) =>
  [
    `${file}: the transcript (+) differs from the recorded one (-).`,
    "Understand the difference first: a changed transcript is a change of the protocol's behaviour.",
    "If it is right, SCENARIOS=rewrite npx vitest run test/raft/scenarios writes it into the scenario.",
  ].join("\n");

const scenarios = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .sort()
  .map((name) => {
    const path = join(folder, name);
    const text = readFileSync(path, "utf8");
    const title = text.split("\n")[0]?.replace(/^# /, "") ?? name;
    return { path, file: relative(root, path), text, title };
  });

describe("scenarios", () => {
  for (const { path, file, text, title } of scenarios) {
    test(title, () => {
      const printed = runScenario(parseScenario(file, text));
      if (printed !== text && isRewriting) writeFileSync(path, printed);
      else expect(printed, differs(file)).toBe(text);
    });
  }

  test("each has a different title", () => {
    expect(new Set(scenarios.map(({ title }) => title)).size).toBe(scenarios.length);
  });
});

describe("the interpreter", () => {
  const parsed = (...lines: string[]) =>
    parseScenario("a.txt", ["# A title", "", "Why.", "", ...lines].join("\n"));

  test("a scenario gets new transcripts, and its prose and steps are unchanged", () => {
    const scenario = parsed("> cluster of 1, all new", "> n1 times out", "  something else", "", "The end.");
    const expected = ["> n1 times out", "  n1: candidate, term 1"];
    expect(runScenario(scenario)).toContain(["> cluster of 1, all new", ...expected].join("\n"));
    expect(runScenario(scenario)).toContain("\n\nThe end.\n");
    expect(runScenario(scenario)).not.toContain("something else");
    expect(runScenario(parseScenario("a.txt", runScenario(scenario)))).toBe(runScenario(scenario));
  });

  test("an expectation that is not met fails, even if the transcript is right", () => {
    const scenario = parsed("> cluster of 3", "> expect n1 leads term 1");
    expect(() => runScenario(scenario)).toThrow(
      "a.txt:6: > expect n1 leads term 1\nexpected leader of term 1",
    );
  });

  test("an unknown step fails, and the error lists all steps", () => {
    expect(() => runScenario(parsed("> cluster of 3", "> n1 sings"))).toThrow(
      /^a\.txt:6: > n1 sings\nis not a step. The steps are:\n(.*\n)* {2}<replica> times out/,
    );
  });

  test("an unknown replica fails, and the error lists all replicas", () => {
    expect(() => runScenario(parsed("> cluster of 2", "> n3 times out"))).toThrow(
      "a.txt:6: > n3 times out\nno replica n3, only n1, n2",
    );
  });

  test("a missing message fails, and the error lists the messages on the wire", () => {
    expect(() => runScenario(parsed("> cluster of 2", "> n1 times out", "> deliver n2 → n1"))).toThrow(
      "no such message: n2 → n1. On the wire:\n  n1 → n2: term 2, pre-vote? my log ends at the start",
    );
  });

  test("a scenario has a title, prose and steps", () => {
    expect(() => parseScenario("a.txt", "Why.\n> cluster of 3\n")).toThrow(
      "a.txt:1: a scenario must begin with its title",
    );
    expect(() => parseScenario("a.txt", "# A title\n> cluster of 3\n")).toThrow("a.txt:2: below its title");
    expect(() => parseScenario("a.txt", "# A title\n\nWhy.\n")).toThrow(
      "a.txt:3: a scenario must have steps",
    );
    expect(() => parsed("  n1: leads")).toThrow("a.txt:5: an indented line is a transcript");
  });

  test("the README explains every step", () => {
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    const missing = stepDefinitions.filter(({ usage }) => !readme.includes(`\`${usage}\``));
    expect(missing.map(({ usage }) => usage)).toEqual([]);
  });
});
