import { nameOfPart } from "../matrix.ts";
import type { FaultKind } from "../nemeses/index.ts";
import type { RunResult } from "../run.ts";
import { type Finding, latencies, reasonIn } from "../verdict/index.ts";

export interface FaultCount {
  readonly made: number;
  readonly onLeader: number;
}

/** The figures of a run. */
export interface RunReport {
  readonly seed: number;
  readonly part: string;
  readonly links: string;
  readonly disks: string;
  readonly seconds: number;
  readonly faults: ReadonlyMap<FaultKind, FaultCount>;
  /** The faults, in order. */
  readonly events: readonly string[];
  readonly operations: { readonly ok: number; readonly none: number; readonly unknown: number };
  /** In ms. */
  readonly calm: readonly number[];
  readonly nearFault: readonly number[];
  readonly gaps: ReadonlyMap<FaultKind | "calm", number>;
  readonly terms: number;
  readonly snapshotIndex: number;
  readonly lagMs: number;
  readonly load: number;
  /** Replicas that ended for a known reason, such as a refused directory. */
  readonly explainedExits: readonly string[];
  readonly findings: readonly Finding[];
}

export function reportOf(result: RunResult): RunReport {
  const { plan, history, faults, findings, exits, gaps, terms, snapshots, lagMs, load } = result;
  const count = (outcome: string) => history.filter((operation) => operation.outcome === outcome).length;
  return {
    ...{
      seed: plan.seed,
      part: nameOfPart(plan.part),
      links: plan.links,
      disks: plan.disks,
      seconds: plan.seconds,
    },
    faults: countFaults(faults),
    events: faults.map(({ kind, from, to, targets, notes }) => {
      const time = `${(from / 1000).toFixed(1)}-${(to / 1000).toFixed(1)} s`;
      return [`${time} ${kind} ${targets.join(",")}`.trim(), ...notes].join("; ");
    }),
    operations: { ok: count("ok"), none: count("none"), unknown: count("unknown") },
    ...latencies(history, faults),
    ...{ gaps, terms, snapshotIndex: snapshots, lagMs, load, findings },
    explainedExits: exits.flatMap(({ id, excuse, lastLines }) => {
      return excuse === undefined ? [] : [`${id}, ${excuse}: ${reasonIn(lastLines)}`];
    }),
  };
}

function countFaults(faults: RunResult["faults"]): Map<FaultKind, FaultCount> {
  const counts = new Map<FaultKind, FaultCount>();
  for (const { kind, hitsLeader } of faults) {
    const { made = 0, onLeader = 0 } = counts.get(kind) ?? {};
    counts.set(kind, { made: made + 1, onLeader: onLeader + (hitsLeader ? 1 : 0) });
  }
  return counts;
}
