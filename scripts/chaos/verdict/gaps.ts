import type { Stretch } from "../connectivity.ts";
import type { ChaosOperation } from "../history.ts";
import type { FaultKind } from "../nemeses/index.ts";
import { type FaultRecord, faultsAround } from "../timeline.ts";
import { boundOf, CALM_BOUND_MS } from "./bounds.ts";
import type { Finding } from "./finding.ts";

/** A time without an acknowledged write while a majority was up and connected. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** The faults around it; none if it was calm. */
  readonly kinds: readonly FaultKind[];
}

/**
 * Returns all gaps: between two acknowledgements, and at the start and end of a stretch.
 *
 * @param run the time in which there were clients
 */
export function gapsIn(
  stretches: readonly Stretch[],
  history: readonly ChaosOperation[],
  faults: readonly FaultRecord[],
  run: Stretch,
): Gap[] {
  const times = history
    .filter(({ action, outcome }) => action.type !== "get" && outcome === "ok")
    .map(({ returnAt }) => returnAt)
    .sort((a, b) => a - b);
  return stretches.flatMap((stretch) => {
    const start = Math.max(stretch.from, run.from);
    const to = Math.min(stretch.to, run.to);
    if (to <= start) return [];
    const marks = [start, ...times.filter((time) => time > start && time < to), to];
    return marks.slice(1).map((mark, at): Gap => {
      const from = marks[at] ?? start;
      return { from, to: mark, kinds: kindsOf(faultsAround(faults, from, mark)) };
    });
  });
}

function kindsOf(faults: readonly FaultRecord[]): FaultKind[] {
  return [...new Set(faults.map(({ kind }) => kind))].sort();
}

/** Returns the longest gap by kind of fault in ms, `calm` for none. A gap counts for each of its kinds. */
export function longestByKind(gaps: readonly Gap[]): Map<FaultKind | "calm", number> {
  const longest = new Map<FaultKind | "calm", number>();
  for (const { from, to, kinds } of gaps) {
    for (const kind of kinds.length === 0 ? (["calm"] as const) : kinds) {
      longest.set(kind, Math.max(longest.get(kind) ?? 0, to - from));
    }
  }
  return longest;
}

export function gapsBeyondBounds(gaps: readonly Gap[]): Finding[] {
  return gaps.flatMap(({ from, to, kinds }): Finding[] => {
    const bound = Math.max(CALM_BOUND_MS, ...kinds.map(boundOf));
    if (to - from <= bound) return [];
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    const among = kinds.length === 0 ? "in calm" : `amid ${kinds.join(", ")}`;
    const text = `no write acknowledged for ${seconds(to - from)} s from ${seconds(from)} s on, ${among}; ${seconds(bound)} s are allowed`;
    return [{ kind: "gap", text }];
  });
}
