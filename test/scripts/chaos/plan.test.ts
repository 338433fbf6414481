import { describe, expect, test } from "vitest";
import { matrix, nameOfPart, type Part, partsNamed, runtimeOf } from "../../../scripts/chaos/matrix.ts";
import { faultKinds, faultsNamed, type Setting } from "../../../scripts/chaos/nemeses/index.ts";
import { candidates, drawEpisode, drawPlan } from "../../../scripts/chaos/plan.ts";
import { Random } from "../../../scripts/chaos/random.ts";
import type { ToolName } from "../../../scripts/chaos/tools.ts";

const allTools: ReadonlySet<ToolName> = new Set(["namespaces", "fuse", "faketime", "strace", "nats"]);
const part: Part = { replicas: 3, runtime: "bun", transport: "http", persister: "file" };
const setting: Setting = {
  ...{ replicas: 3, transport: "http", links: "direct", disks: "fuse", canLimit: true, tools: allTools },
};

describe("the matrix", () => {
  test("has every part but SQLite on Node", () => {
    expect(matrix).toHaveLength(2 * (4 * 2 * 2 - 2));
    expect(new Set(matrix.map(nameOfPart)).size).toBe(matrix.length);
    for (const each of matrix) {
      const runtimes = Array.from({ length: each.replicas }, (_, at) => runtimeOf(each, at));
      if (each.persister === "bun-sqlite") expect(runtimes).not.toContain("node");
    }
  });

  test("is narrowed by words, alternatives of one kind added up", () => {
    expect(partsNamed([])).toEqual(matrix);
    expect(partsNamed(["3", "bun", "http", "file"]).map(nameOfPart)).toEqual(["3-bun-http-file"]);
    expect(partsNamed(["bun", "deno", "5", "nats", "file"]).map(nameOfPart)).toEqual([
      "5-bun-nats-file",
      "5-deno-nats-file",
    ]);
    expect(() => partsNamed(["4"])).toThrow(/only: words of 3, bun.*not 4/);
  });
});

describe("faults", () => {
  test("are named by kind or by first words", () => {
    expect(faultsNamed(["kill", "wipe"])).toEqual([
      "kill-one",
      "kill-leader",
      "kill-majority",
      "kill-all",
      "wipe",
    ]);
    expect(() => faultsNamed(["ki"])).toThrow(/not ki/);
  });

  test("that a run can't support are left out", () => {
    const kinds = (changed: Partial<Setting>) =>
      candidates({ ...setting, ...changed }, faultKinds).map(({ kind }) => kind);
    expect(kinds({})).toContain("power-all");
    expect(kinds({ disks: "plain" })).not.toContain("power-all");
    expect(kinds({})).not.toContain("slow-links");
    expect(kinds({ links: "proxied" })).toContain("slow-links");
    expect(kinds({})).not.toContain("nats-killed");
    expect(kinds({ tools: new Set() })).not.toContain("clock-jump");
    expect(kinds({})).not.toContain("cut-ring");
    expect(kinds({ replicas: 5 })).toContain("cut-ring");
  });

  test("of one group are never made at once, and the last one is made once, in the second half", () => {
    const possible = candidates(setting, faultKinds);
    for (let seed = 0; seed < 500; seed++) {
      const left = seed / 500;
      const { faults } = drawEpisode(possible, new Random(seed), { left, isLastDone: seed % 2 === 0 });
      const groups = faults.map(({ nemesis }) => nemesis.group);
      expect(new Set(groups).size).toBe(groups.length);
      expect(faults.length).toBeGreaterThan(0);
      const hasLast = faults.some(({ nemesis }) => nemesis.isLast);
      expect(hasLast && (left > 0.5 || seed % 2 === 0)).toBe(false);
    }
  });
});

describe("a plan", () => {
  test("is the same for the same seed, and has all kinds of links and disks over many", () => {
    const plans = Array.from({ length: 50 }, (_, seed) =>
      drawPlan({ seed, part, seconds: 10, tools: allTools }),
    );
    expect(plans).toEqual(plans.map(({ seed }) => drawPlan({ seed, part, seconds: 10, tools: allTools })));
    expect(new Set(plans.map(({ links }) => links))).toEqual(new Set(["direct", "proxied"]));
    expect(new Set(plans.map(({ disks }) => disks))).toEqual(new Set(["fuse", "plain"]));
  });

  test("makes do without namespaces and without /dev/fuse", () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(drawPlan({ seed, part, seconds: 10, tools: new Set() })).toMatchObject({
        links: "proxied",
        disks: "plain",
      });
    }
  });
});
