import { describe, expect, test } from "vitest";
import type { FaultRecord } from "../../../scripts/chaos/timeline.ts";
import { gapsBeyondBounds, gapsIn, longestByKind } from "../../../scripts/chaos/verdict/gaps.ts";
import { judgeRun } from "../../../scripts/chaos/verdict/index.ts";
import { leadersPerTerm, leadsIn } from "../../../scripts/chaos/verdict/leaders.ts";
import { append, get } from "./histories.ts";

function fault(kind: FaultRecord["kind"], from: number, to: number): FaultRecord {
  return { kind, from, to, targets: ["n1"], hitsLeader: true, notes: [] };
}

const whole = { from: 0, to: 60_000 };

describe("the longest time without an acknowledged write", () => {
  test("is counted within the stretches in which a majority was up, by the faults around it", () => {
    const history = [
      append(0, 1000, "a"),
      append(9000, 9500, "b"),
      append(19_000, 20_000, "c"),
      get(0, 15_000, ""),
    ];
    const stretches = [
      { from: 500, to: 4000 },
      { from: 9000, to: 21_000 },
    ];
    const gaps = gapsIn(stretches, history, [fault("kill-all", 4000, 8000)], whole);
    expect(longestByKind(gaps)).toEqual(
      new Map([
        ["calm", 1000],
        ["kill-all", 10_500],
      ]),
    );
  });

  test("that is longer than its faults allow is a finding", () => {
    const history = [append(0, 1000, "a"), append(2000, 5000, "b")];
    const stretches = [{ from: 0, to: 5000 }];
    const found = (faults: readonly FaultRecord[]) =>
      gapsBeyondBounds(gapsIn(stretches, history, faults, whole)).map(({ text }) => text);
    expect(found([])).toEqual(["no write acknowledged for 4.0 s from 1.0 s on, in calm; 2.0 s are allowed"]);
    expect(found([fault("kill-leader", 900, 1200)])).toEqual([]);
  });
});

describe("leaders", () => {
  test("are read from the logs", () => {
    const log =
      "12:00 info    leads in term 3\n12:01 info    no longer leads, after term 3\ninfo leads in term 12\n";
    expect(leadsIn(log)).toEqual([3, 12]);
  });

  test("of one term are one, or a finding", () => {
    expect(leadersPerTerm(new Map([[1, new Set(["n1"] as const)]]))).toEqual([]);
    expect(leadersPerTerm(new Map([[2, new Set(["n3", "n1"] as const)]]))).toEqual([
      { kind: "leaders", text: "term 2 was led by n1 and n3" },
    ]);
  });
});

test("an exit without an excuse is a finding, with its reason", () => {
  const exit = {
    id: "n1",
    at: 1000,
    exit: { code: 1, signal: null },
    lastLines: "info x\ndurio: damaged",
  } as const;
  const run = { history: [], leaders: new Map(), stretches: [], faults: [], begin: 0, end: 2000 };
  expect(judgeRun({ ...run, exits: [{ ...exit, excuse: "a bit was flipped" }] }).findings).toEqual([]);
  expect(judgeRun({ ...run, exits: [{ ...exit, excuse: undefined }] }).findings).toEqual([
    { kind: "exit", text: "n1 ended with exit code 1 at 1.0 s: durio: damaged" },
  ]);
});
