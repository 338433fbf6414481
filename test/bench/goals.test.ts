import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { goalsTable, outcomesOf } from "../../bench/goals.ts";
import type { Result } from "../../bench/suite.ts";

function result(contender: string, ...perSecond: readonly number[]): Result {
  return {
    suite: "put",
    case: "64 clients",
    contender,
    rounds: perSecond.map((figure) => ({ perSecond: figure, p99Ms: 1000 / figure })),
  };
}

function outcome(goal: string, results: readonly Result[]) {
  return outcomesOf(results).find((outcome) => outcome.goal === goal);
}

describe("a goal", () => {
  test("compares the medians of all rounds", () => {
    const results = [result("durio", 10, 300, 20), result("etcd 3.4, gRPC", 1, 5, 9)];
    expect(outcome("PUT/s, 64 clients", results)).toMatchObject({ measured: 4, durio: 20, reached: true });
  });

  test("is relative to the better etcd: the one with more requests per second, or with the shorter p99", () => {
    const etcds = [result("etcd 3.4, gRPC", 5), result("etcd 3.7, gRPC", 8), result("etcd 3.7, JSON", 9)];
    const results = [result("durio", 10), ...etcds];
    expect(outcome("PUT/s, 64 clients", results)).toMatchObject({
      measured: 10 / 8,
      other: { contender: "etcd 3.7, gRPC", figure: 8 },
      reached: false,
    });
    expect(outcome("p99 of PUT, 64 clients, ms", results)).toMatchObject({
      measured: 0.8,
      other: { contender: "etcd 3.7, gRPC", figure: 125 },
    });
  });

  test("whose suite did not run is neither reached nor missed, and names the suite", () => {
    const outcomes = outcomesOf([]);
    expect(outcomes.every(({ reached }) => reached === undefined)).toBe(true);
    expect(outcome("PUT/s, 64 clients", [])?.remark).toBe("not measured: --only put");
    expect(outcome("PUT/s over the stream, 64 clients", [])?.remark).toBe("not built");
  });

  test("needs only suites that exist", () => {
    const named = outcomesOf([]).flatMap(({ remark }) => /--only (.*)/.exec(remark)?.[1]?.split(",") ?? []);
    const files = readdirSync(new URL("../../bench/suites/", import.meta.url));
    const texts = files.map((name) =>
      readFileSync(new URL(`../../bench/suites/${name}`, import.meta.url), "utf8"),
    );
    const missing = new Set(
      named.filter((suite) => !texts.some((text) => text.includes(`name: "${suite}"`))),
    );
    expect([...missing]).toEqual([]);
  });

  test("gives its reason if it is not reached, and none if it is", () => {
    const remark = (durio: number) =>
      outcome("PUT/s, 64 clients", [result("durio", durio), result("etcd 3.4, gRPC", 1)])?.remark;
    expect(remark(1)).toContain("share");
    expect(remark(3)).toBe("");
  });

  test("has a row in the table, with the other's figure and name", () => {
    const table = goalsTable(outcomesOf([result("durio", 25_000), result("etcd 3.4, gRPC", 10_000)]));
    expect(table).toMatch(/^PUT\/s, 64 clients +>= 2\.5 +2\.50 +yes +25,000 +10,000 \(etcd 3\.4, gRPC\)$/m);
    expect(table).toMatch(/^PUT\/s over the stream, 64 clients +>= 6 +not built$/m);
  });
});
