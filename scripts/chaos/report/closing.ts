import { type FaultKind, nemeses } from "../nemeses/index.ts";
import { tools as allTools, type ToolName } from "../tools.ts";
import { boundOf, CALM_BOUND_MS } from "../verdict/bounds.ts";
import { findingKinds, meanings } from "../verdict/index.ts";
import type { PlantedResult } from "./planted.ts";
import type { FaultCount, RunReport } from "./run-report.ts";
import { latencyText, repeatLine } from "./run-text.ts";

export interface Closing {
  readonly reports: readonly RunReport[];
  readonly plants: readonly PlantedResult[];
  readonly isPlantedTried: boolean;
  readonly tools: ReadonlySet<ToolName>;
  readonly faults: readonly FaultKind[];
}

/** Lists what cannot be run here. */
export function notRun(tools: ReadonlySet<ToolName>, faults: readonly FaultKind[]): string[] {
  const missing = Object.entries(allTools).filter(([name]) => !tools.has(name as ToolName));
  const without = nemeses
    .filter(({ kind, needs }) => faults.includes(kind) && needs !== undefined && !tools.has(needs))
    .map(({ kind }) => kind);
  const lines = missing.map(([name, what]) => `not run: ${what}; ${name} is missing (npm run setup)`);
  return without.length === 0 ? lines : [...lines, `not run: ${without.join(", ")}`];
}

/** Summarizes all runs, with the verdict. */
export function closing({ reports, plants, isPlantedTried, tools, faults }: Closing): {
  text: string;
  isClean: boolean;
} {
  const findings = reports.flatMap((report) => report.findings.map((finding) => ({ ...finding, report })));
  const made = findings.map(({ kind }) => kind);
  const sum = (outcome: "ok" | "none" | "unknown") =>
    reports.reduce((total, { operations }) => total + operations[outcome], 0);
  const lines = [
    "",
    `in all: ${reports.length} runs, ${sum("ok")} operations ok, ${sum("none")} none, ${sum("unknown")} unknown`,
    `calm: ${latencyText(reports.flatMap(({ calm }) => calm))}; within 3 s of a fault: ${latencyText(reports.flatMap(({ nearFault }) => nearFault))}`,
    "",
    ...faultTable(reports),
    "",
    ...findingKinds.map(
      (kind) =>
        `${kind.padEnd(10)} ${String(made.filter((other) => other === kind).length).padStart(5)}  ${meanings[kind]}`,
    ),
    "",
    ...reports.filter((report) => report.findings.length > 0).map((report) => `again: ${repeatLine(report)}`),
    ...plants.map((plant) => plantedFate(plant)),
    ...notRun(tools, faults),
  ];
  const missed = plants.filter(({ fate }) => fate.type === "missed");
  const isBlind = !isPlantedTried || plants.some(({ fate }) => fate.type !== "found");
  const isClean = findings.length === 0 && missed.length === 0;
  return { text: [...lines, lastLine(findings.length, missed.length, isBlind)].join("\n"), isClean };
}

function lastLine(findings: number, missed: number, isBlind: boolean): string {
  if (findings > 0) return findings === 1 ? "1 finding" : `${findings} findings`;
  if (missed > 0) return `no findings, which means nothing: ${missed} planted mistakes were not found either`;
  return isBlind ? "no findings, but not all planted mistakes were tried" : "nothing found";
}

function plantedFate({ mistake: { name }, fate }: PlantedResult): string {
  return `planted ${name}: ${fate.type === "found" ? `found in run ${fate.runs}` : fate.type === "missed" ? "NOT FOUND" : "not run"}`;
}

/** By kind: number of faults, number that hit the leader, and the longest gap with its bound. */
function faultTable(reports: readonly RunReport[]): string[] {
  const counts = new Map<FaultKind, FaultCount>();
  const gaps = new Map<FaultKind | "calm", number>();
  for (const report of reports) {
    for (const [kind, { made, onLeader }] of report.faults) {
      const before = counts.get(kind) ?? { made: 0, onLeader: 0 };
      counts.set(kind, { made: before.made + made, onLeader: before.onLeader + onLeader });
    }
    for (const [kind, ms] of report.gaps) gaps.set(kind, Math.max(gaps.get(kind) ?? 0, ms));
  }
  const row = (kind: FaultKind | "calm", bound: number) => {
    const { made, onLeader } = (kind === "calm" ? undefined : counts.get(kind)) ?? { made: 0, onLeader: 0 };
    const gap = ((gaps.get(kind) ?? 0) / 1000).toFixed(2);
    return `| ${kind} | ${kind === "calm" ? "" : made} | ${kind === "calm" ? "" : onLeader} | ${gap} | ${bound / 1000} |`;
  };
  return [
    "| fault | made | on the leader | longest time without an acknowledged write, s | bound, s |",
    "| --- | --- | --- | --- | --- |",
    row("calm", CALM_BOUND_MS),
    ...[...counts.keys()].sort().map((kind) => row(kind, boundOf(kind))),
  ];
}
