import { describe, expect, test } from "vitest";
import { longest } from "../longest-first.ts";
import { sourceFiles } from "./source-files.ts";

const MAX_LINES = 400;
const MAX_MEDIAN_LINES = 80;
const vagueNames = /(^|[-/])(utils?|common|misc|helpers?|manager)([-/.]|$)/;

const house = ["src", "transports", "adapters"].flatMap(sourceFiles);
const all = [...house, ...["test", "bench", "scripts", "examples"].flatMap(sourceFiles)];

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

describe("files", () => {
  test(`are at most ${MAX_LINES} lines long, and half of them at most ${MAX_MEDIAN_LINES}`, () => {
    const long = all.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path}: ${lines}`);
    expect(long).toEqual([]);
    expect(median(house.map(({ lines }) => lines))).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
    expect(median(all.map(({ lines }) => lines))).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
  });

  test("have names that describe their content", () => {
    expect(all.map(({ path }) => path).filter((path) => vagueNames.test(path))).toEqual([]);
  });

  test("that are to start first are there", () => {
    const paths = all.map(({ path }) => path);
    expect(longest.filter((path) => !paths.includes(path))).toEqual([]);
  });
});
