import { describe, expect, test } from "vitest";
import { faultKinds } from "../../../scripts/chaos/nemeses/index.ts";
import { planted } from "../../../scripts/chaos/planted.ts";
import { closing, notRun, type PlantedResult, type RunReport } from "../../../scripts/chaos/report/index.ts";
import type { ToolName } from "../../../scripts/chaos/tools.ts";

const tools: ReadonlySet<ToolName> = new Set(["namespaces", "fuse", "faketime", "strace", "nats"]);
const report: RunReport = {
  ...{ seed: 7, part: "3-bun-http-file", links: "direct", disks: "fuse", seconds: 45 },
  faults: new Map([["kill-leader", { made: 2, onLeader: 2 }]]),
  events: [],
  operations: { ok: 90, none: 6, unknown: 4 },
  ...{ calm: [1, 2, 3], nearFault: [10] },
  gaps: new Map([["kill-leader", 700]]),
  ...{ terms: 3, snapshotIndex: 1000, lagMs: 5, load: 1, explainedExits: [], findings: [] },
};
const found = planted.map((mistake): PlantedResult => {
  return { mistake, fate: { type: "found", finding: { kind: "lost", text: "k" }, runs: 1, seconds: 9 } };
});
const shared = { reports: [report], plants: found, isPlantedTried: true, tools, faults: faultKinds };

function lastLine(changed: Partial<typeof shared>): string | undefined {
  return closing({ ...shared, ...changed })
    .text.split("\n")
    .at(-1);
}

describe("the last line", () => {
  test('is "nothing found" if only the four planted mistakes were', () => {
    expect(planted).toHaveLength(4);
    expect(lastLine({})).toBe("nothing found");
    expect(closing(shared).isClean).toBe(true);
  });

  test("never is if a planted mistake was not found, not run or not tried", () => {
    const [first, ...rest] = found;
    if (first === undefined) throw new Error("no planted mistakes");
    const missed: PlantedResult = { ...first, fate: { type: "missed", runs: 4 } };
    const plants = [missed, ...rest];
    expect(lastLine({ plants })).toMatch(/means nothing: 1 planted/);
    expect(closing({ ...shared, plants }).isClean).toBe(false);
    const skipped: PlantedResult = { ...first, fate: { type: "notRun", tool: "fuse" } };
    expect(lastLine({ plants: [skipped, ...rest] })).toMatch(/not all planted mistakes were tried/);
    expect(lastLine({ plants: [], isPlantedTried: false })).toMatch(/not all planted mistakes were tried/);
  });

  test("counts the findings, below the line that repeats the run", () => {
    const bad = { ...report, findings: [{ kind: "lost", text: "k" }] } as const;
    const { text, isClean } = closing({ ...shared, reports: [bad] });
    expect(isClean).toBe(false);
    expect(text).toMatch(/again: npm run chaos -- .* --only 3-bun-http-file --seed 7\n/);
    expect(text).toMatch(/\n1 finding$/);
  });
});

test("the table lists each kind of fault with its longest gap and its bound", () => {
  expect(closing(shared).text).toContain("| kill-leader | 2 | 2 | 0.70 | 5 |");
});

test("faults that can't be run without a missing tool are listed", () => {
  expect(notRun(tools, faultKinds)).toEqual([]);
  const lines = notRun(new Set(["namespaces", "strace", "nats"]), faultKinds).join("\n");
  expect(lines).toMatch(/fuse is missing/);
  expect(lines).toMatch(/not run: power-one, power-majority, power-all, disk-hangs, clock-jump/);
});
