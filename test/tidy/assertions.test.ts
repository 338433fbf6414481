import { describe, expect, test } from "vitest";
import { sourceFiles, withoutComments } from "./source-files.ts";

/**
 * The minimum of assertions in 100 lines of code. Raise a number when a folder has more. A folder that grows needs more
 * assertions.
 */
const floors: Readonly<Record<string, number>> = {
  "src/raft": 4,
  "src/kv": 2,
  "src/kvraft": 2,
  "src/replica": 2,
};

/** Forms of assertions: a call, a thrown bug, a rule in a table of invariants, an impossible case. */
const assertion = /\binvariant\(|\bnew InvariantViolation\(|^ +holds: |\bunreachable\(/gm;
const declaration = /\bfunction (invariant|unreachable)\b/g;

function assertionsIn(text: string): number {
  return [...text.matchAll(assertion)].length - [...text.matchAll(declaration)].length;
}

/** Lines that are neither blank nor comments. */
function codeLines(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "").length;
}

describe("assertions", () => {
  test.each(Object.entries(floors))("%s has at least %d in 100 lines of code", (folder, floor) => {
    const texts = sourceFiles(folder).map(({ text }) => withoutComments(text));
    const lines = texts.map(codeLines).reduce((sum, count) => sum + count);
    const assertions = texts.map(assertionsIn).reduce((sum, count) => sum + count);
    expect((100 * assertions) / lines, `${assertions} in ${lines} lines`).toBeGreaterThanOrEqual(floor);
  });
});
