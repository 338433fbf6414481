import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  checkLinearizability,
  keyValueModel,
  readRecordedHistory,
  registerModel,
} from "../../../src/testing/linearizability/index.ts";

/** 68 histories of etcd that Jepsen recorded and 4 of key-value stores, with verdicts. Not part of the project. */
const shared = fileURLToPath(new URL("../../../../shared/histories", import.meta.url));
const isHere = existsSync(`${shared}/verdicts.tsv`);
const verdicts = isHere ? readFileSync(`${shared}/verdicts.tsv`, "utf8").trim().split("\n") : [];

describe.skipIf(!isHere)(`the recorded histories${isHere ? "" : ` (skipped: ${shared} is missing)`}`, () => {
  let tookMs = 0;

  test.each(verdicts.map((line) => line.split("\t")))("%s is %s", (file = "", expected = "") => {
    const startedAt = performance.now();
    expect(verdictOf(file)).toBe(expected);
    tookMs += performance.now() - startedAt;
  });

  test("are 72", () => {
    expect(verdicts).toHaveLength(72);
    console.log(`72 recorded histories checked in ${tookMs.toFixed(0)} ms`);
  });
});

function verdictOf(file: string): string {
  const history = readRecordedHistory(readFileSync(`${shared}/${file}`, "utf8"), file);
  return history.type === "register"
    ? checkLinearizability(history.operations, registerModel).verdict
    : checkLinearizability(history.operations, keyValueModel).verdict;
}
