import { describe, expect, test } from "vitest";
import { outcomesOf } from "../../bench/goals.ts";
import { goalsMarkdown, markdownOf } from "../../bench/markdown.ts";
import { tableOf } from "../../bench/report.ts";
import type { Figures, Result, Suite } from "../../bench/suite.ts";

const put: Suite = { name: "put", about: "durable PUT", run: async () => [] };

function result(contender: string, clients: string, figures: Figures): Result {
  return { suite: "put", case: clients, contender, rounds: [figures] };
}

const costs = { p99Ms: 4, p999Ms: 5, leaderCpuUs: 40, followerCpuUs: 10, loadCpuUs: 12 };
const results = [
  result("durio", "64 clients", { perSecond: 20_000, ...costs, leaderMainUs: 30 }),
  result("etcd 3.4, gRPC", "64 clients", { perSecond: 10_000, ...costs }),
  result("etcd 3.7, gRPC", "64 clients", { perSecond: 8000, ...costs }),
  result("durio", "256 clients", { perSecond: 30_000, ...costs, leaderMainUs: 25 }),
];

describe("the tables", () => {
  test("relate each contender to the better etcd of the case", () => {
    const table = tableOf([put], results);
    expect(table).toMatch(/^ {2}durio +20,000 +2\.00 /m);
    expect(table).toMatch(/^ {2}etcd 3\.7, gRPC +8,000 +0\.80 /m);
  });

  test("in Markdown have a column for each case and a row for each contender", () => {
    const markdown = markdownOf([put], results);
    expect(markdown).toContain("| /s (p99, p99.9 ms) | 64 clients | 256 clients |");
    expect(markdown).toContain("| durio | 20,000 (4.00, 5.00) | 30,000 (4.00, 5.00) |");
    expect(markdown).toContain("| etcd 3.7, gRPC | 8,000 (4.00, 5.00) |  |");
    expect(markdown).toContain("| durio | 40.0 + 10.0 + 12.0 (30.0) | 40.0 + 10.0 + 12.0 (25.0) |");
  });

  test("of the goals in Markdown show both figures of a ratio", () => {
    const markdown = goalsMarkdown(outcomesOf(results));
    expect(markdown).toMatch(
      /^\| PUT\/s, 64 clients \| >= 2\.5 \| 2\.00 \| 20,000, 10,000 \(etcd 3\.4, gRPC\) \| not reached/m,
    );
    expect(markdown).toContain("| PUT/s over the stream, 64 clients | >= 6 |  |  | not built |");
  });
});
