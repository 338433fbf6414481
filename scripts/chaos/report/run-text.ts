import { availableParallelism } from "node:os";
import { type Finding, findingKinds, summarize } from "../verdict/index.ts";
import type { RunReport } from "./run-report.ts";

/** Returns the text printed for a run. */
export function runText(report: RunReport): string {
  const { seed, part, links, disks, seconds, operations, gaps, terms, snapshotIndex, lagMs, load, findings } =
    report;
  const faults = [...report.faults].map(([kind, { made, onLeader }]) => {
    return `${kind} ${made}${onLeader > 0 ? ` (${onLeader} on the leader)` : ""}`;
  });
  return [
    "",
    `run ${part}, ${links} links, ${disks} disks: ${repeatLine({ seed, part, seconds })}`,
    `  faults: ${faults.join(", ") || "none"}`,
    `  operations: ${operations.ok} ok, ${operations.none} none, ${operations.unknown} unknown; ${terms} terms with a leader; snapshot at index ${snapshotIndex}`,
    `  calm: ${latencyText(report.calm)}; within 3 s of a fault: ${latencyText(report.nearFault)}; this process was late by up to ${lagMs.toFixed(0)} ms, at a load of ${load.toFixed(0)} on ${availableParallelism()} cores`,
    `  longest time without an acknowledged write: ${[...gaps].map(([kind, ms]) => `${kind} ${(ms / 1000).toFixed(2)} s`).join(", ")}`,
    ...report.explainedExits.map((exit) => `  ended for a reason: ${exit}`),
    ...(findings.length === 0 ? [] : report.events.map((line) => `  ${line}`)),
    ...(findings.length > 0 && isOverloaded(load) ? [`  ${OVERLOADED}`] : []),
    ...findingKinds.flatMap((kind) => findingLines(findings.filter((finding) => finding.kind === kind))),
  ].join("\n");
}

/** Limited, because one fault can show in a hundred answers. */
function findingLines(findings: readonly Finding[]): string[] {
  const lines = findings.map(
    ({ kind, text }) => `  ${kind.toUpperCase()} ${text.replaceAll("\n", "\n      ")}`,
  );
  const more = lines.length - MOST_OF_A_KIND;
  return more > 0 ? [...lines.slice(0, MOST_OF_A_KIND), `  … and ${more} more of these`] : lines;
}

const MOST_OF_A_KIND = 6;
const OVERLOADED = "other programs kept this machine busy: what took too long here says little";

/** Returns whether each process had to wait for several others. */
function isOverloaded(load: number): boolean {
  return load > 5 * availableParallelism();
}

export function repeatLine({ seed, part, seconds }: Pick<RunReport, "seed" | "part" | "seconds">): string {
  return `npm run chaos -- --no-planted --runs 1 --seconds ${seconds} --only ${part} --seed ${seed}`;
}

export function latencyText(values: readonly number[]): string {
  const { count, p50, p99, max } = summarize(values);
  if (count === 0) return "none";
  return `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(0)}, max ${max.toFixed(0)} ms`;
}
