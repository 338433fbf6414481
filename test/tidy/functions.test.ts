import { expect, test } from "vitest";
import { sourceFiles } from "./source-files.ts";

const MAX_LINES = 60;

/** The lines of code of each call of `test`, by its first line. The formatter indents its end like its start. */
function testsIn(text: string): { readonly title: string; readonly lines: number }[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    const [, indent] = /^( *)(?:test|labTest)\b/.exec(line) ?? [];
    if (indent === undefined || line.endsWith(";")) return [];
    const length = lines.slice(at).findIndex((later) => new RegExp(`^${indent}[)}\\]].*;$`).test(later));
    const code = lines.slice(at, at + length + 1).filter((each) => each.trim() !== "");
    return [{ title: line.trim(), lines: code.length }];
  });
}

// Biome counts the functions of all other files. It can't distinguish a test from a `describe`, a list of tests.
test(`a test is at most ${MAX_LINES} lines long`, () => {
  const long = sourceFiles("test").flatMap(({ path, text }) =>
    testsIn(text)
      .filter(({ lines }) => lines > MAX_LINES)
      .map(({ title, lines }) => `${path}: ${title} has ${lines}`),
  );
  expect(long).toEqual([]);
});
