import type { Part } from "./matrix.ts";
import { type FaultKind, type Nemesis, nemeses, type Setting } from "./nemeses/index.ts";
import { Random } from "./random.ts";
import type { ToolName } from "./tools.ts";

/** The plan of a run. The same seed and tools give the same plan. */
export interface RunPlan {
  readonly seed: number;
  readonly part: Part;
  readonly seconds: number;
  readonly links: "direct" | "proxied";
  readonly disks: "fuse" | "plain";
}

export interface PlanOptions {
  readonly seed: number;
  readonly part: Part;
  readonly seconds: number;
  readonly tools: ReadonlySet<ToolName>;
}

/** Three of five runs use links of the kernel, the others slow ones. Three of four have disks that lose power. */
export function drawPlan({ seed, part, seconds, tools }: PlanOptions): RunPlan {
  const random = new Random(seed, "plan");
  const direct = random.chance(0.6);
  const fuse = random.chance(0.75);
  return {
    ...{ seed, part, seconds },
    links: tools.has("namespaces") && direct ? "direct" : "proxied",
    disks: tools.has("fuse") && fuse ? "fuse" : "plain",
  };
}

export function settingOf({ part, links, disks }: RunPlan, tools: ReadonlySet<ToolName>): Setting {
  const { replicas, transport } = part;
  return { replicas, transport, links, disks, tools, canLimit: disks === "fuse" || tools.has("namespaces") };
}

/** Returns the faults that a run can have. */
export function candidates(setting: Setting, kinds: readonly FaultKind[]): Nemesis[] {
  return nemeses.filter(({ kind, fits }) => kinds.includes(kind) && fits(setting));
}

/** Faults that start within two seconds of each other: one, or up to three of different groups. */
export interface Episode {
  readonly faults: readonly { readonly nemesis: Nemesis; readonly afterMs: number }[];
  /** Time without faults afterwards, in ms. */
  readonly calmMs: number;
}

export function drawEpisode(
  possible: readonly Nemesis[],
  random: Random,
  /** The remaining share of the run, from 1 to 0, and whether its last fault has happened. */
  { left, isLastDone }: { readonly left: number; readonly isLastDone: boolean },
): Episode {
  const count = random.chance(0.6) ? 1 : random.whole(2, 3);
  const chosen: Nemesis[] = [];
  for (let n = 0; n < count; n++) {
    const rest = possible.filter(
      ({ group, isLast }) =>
        !chosen.some((other) => other.group === group) && !(isLast && (left > 0.5 || isLastDone)),
    );
    const weighted = rest.flatMap((nemesis) => Array.from({ length: nemesis.weight ?? 1 }, () => nemesis));
    if (weighted.length > 0) chosen.push(random.pick(weighted));
  }
  return {
    faults: chosen.map((nemesis) => ({ nemesis, afterMs: random.whole(0, 2000) })),
    calmMs: random.whole(500, random.chance(0.4) ? 5000 : 1500),
  };
}
