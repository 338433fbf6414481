import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { directions, perform } from "./scenarios/interpreter/perform.ts";
import { parsePlay } from "./scenarios/interpreter/play.ts";

/** Conversations of a cluster, each a play in plain text with its transcript; see scenarios/README.md. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = fileURLToPath(new URL("scenarios", import.meta.url));
const isRewriting = process.env.SCENARIOS === "rewrite";

const differs = (file: string) =>
  [
    `${file}: the transcript (+) is another one than the play tells (-).`,
    "Understand the difference first: a transcript that changes is a change of the protocol's behaviour.",
    "If it is right, SCENARIOS=rewrite npx vitest run test/raft/scenarios writes it into the play.",
  ].join("\n");

const plays = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .sort()
  .map((name) => {
    const path = join(folder, name);
    const text = readFileSync(path, "utf8");
    const title = text.split("\n")[0]?.replace(/^# /, "") ?? name;
    return { path, file: relative(root, path), text, title };
  });

describe("plays", () => {
  for (const { path, file, text, title } of plays) {
    test(title, () => {
      const performed = perform(parsePlay(file, text));
      if (performed !== text && isRewriting) writeFileSync(path, performed);
      else expect(performed, differs(file)).toBe(text);
    });
  }

  test("each has a title of its own", () => {
    expect(new Set(plays.map(({ title }) => title)).size).toBe(plays.length);
  });
});

describe("the interpreter", () => {
  const stage = (...lines: string[]) =>
    parsePlay("a.txt", ["# A title", "", "Why.", "", ...lines].join("\n"));

  test("a play gets its transcripts, and neither its prose nor its directives are touched", () => {
    const play = stage("> cluster of 1, all new", "> n1 times out", "  something else", "", "The end.");
    const told = ["> n1 times out", "  n1: candidate, term 1"];
    expect(perform(play)).toContain(["> cluster of 1, all new", ...told].join("\n"));
    expect(perform(play)).toContain("\n\nThe end.\n");
    expect(perform(play)).not.toContain("something else");
    expect(perform(parsePlay("a.txt", perform(play)))).toBe(perform(play));
  });

  test("an expectation that does not hold fails, whatever the transcript says", () => {
    const play = stage("> cluster of 3", "> expect n1 leads term 1");
    expect(() => perform(play)).toThrow("a.txt:6: > expect n1 leads term 1\nexpected leader of term 1");
  });

  test("a directive that is none fails, and says which there are", () => {
    expect(() => perform(stage("> cluster of 3", "> n1 sings"))).toThrow(
      /^a\.txt:6: > n1 sings\nis none of the directives there are:\n(.*\n)* {2}<replica> times out/,
    );
  });

  test("a replica that is not there fails, and says which are", () => {
    expect(() => perform(stage("> cluster of 2", "> n3 times out"))).toThrow(
      "a.txt:6: > n3 times out\nno replica n3, only n1, n2",
    );
  });

  test("a message that is not there fails, and says what is on the wire", () => {
    expect(() => perform(stage("> cluster of 2", "> n1 times out", "> deliver n2 → n1"))).toThrow(
      "no such message: n2 → n1. On the wire is:\n  n1 → n2: term 2, pre-vote? my log ends at the start",
    );
  });

  test("a play has a title, prose and directives", () => {
    expect(() => parsePlay("a.txt", "Why.\n> cluster of 3\n")).toThrow(
      "a.txt:1: a play begins with its title",
    );
    expect(() => parsePlay("a.txt", "# A title\n> cluster of 3\n")).toThrow("a.txt:2: below the title");
    expect(() => parsePlay("a.txt", "# A title\n\nWhy.\n")).toThrow("a.txt:3: a play has directives");
    expect(() => stage("  n1: leads")).toThrow("a.txt:5: an indented line is a transcript");
  });

  test("the README explains every directive", () => {
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    const missing = directions.filter(({ usage }) => !readme.includes(`\`${usage}\``));
    expect(missing.map(({ usage }) => usage)).toEqual([]);
  });
});
