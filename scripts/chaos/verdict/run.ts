import type { UnaskedExit } from "../cluster/replica.ts";
import type { Stretch } from "../connectivity.ts";
import type { ChaosOperation } from "../history.ts";
import type { ReplicaId } from "../matrix.ts";
import type { FaultKind } from "../nemeses/index.ts";
import type { FaultRecord } from "../timeline.ts";
import type { Finding } from "./finding.ts";
import { gapsBeyondBounds, gapsIn, longestByKind } from "./gaps.ts";
import { judge } from "./judge.ts";
import { leadersPerTerm } from "./leaders.ts";

/** The facts of a finished run. */
export interface RunRecord {
  readonly history: readonly ChaosOperation[];
  readonly exits: readonly UnaskedExit[];
  readonly leaders: ReadonlyMap<number, ReadonlySet<ReplicaId>>;
  /** When a majority was up and connected. */
  readonly stretches: readonly Stretch[];
  readonly faults: readonly FaultRecord[];
  /** When all clients had started, and when the last had ended. */
  readonly begin: number;
  readonly end: number;
}

export interface RunVerdict {
  readonly findings: readonly Finding[];
  readonly gaps: ReadonlyMap<FaultKind | "calm", number>;
}

export function judgeRun({ history, exits, leaders, stretches, faults, begin, end }: RunRecord): RunVerdict {
  const lastWrite = Math.max(
    0,
    ...history.filter(({ action }) => action.type !== "get").map(({ returnAt }) => returnAt),
  );
  const gaps = gapsIn(stretches, history, faults, { from: begin, to: Math.min(end, lastWrite) });
  const findings = [
    ...judge(history),
    ...hanging(history),
    ...gapsBeyondBounds(gaps),
    ...leadersPerTerm(leaders),
    ...unexplained(exits),
  ];
  return { findings, gaps: longestByKind(gaps) };
}

function hanging(history: readonly ChaosOperation[]): Finding[] {
  return history.flatMap(({ isHanging, client, replica, callAt, action }): Finding[] => {
    if (!isHanging) return [];
    return [
      {
        kind: "hanging",
        text: `a ${action.type} of ${client} at ${replica}, ${(callAt / 1000).toFixed(3)} s`,
      },
    ];
  });
}

function unexplained(exits: readonly UnaskedExit[]): Finding[] {
  return exits.flatMap(({ id, at, exit, lastLines, excuse }): Finding[] => {
    if (excuse !== undefined) return [];
    const how = exit.code === null ? exit.signal : `exit code ${exit.code}`;
    const text = `${id} ended with ${how} at ${(at / 1000).toFixed(1)} s: ${reasonIn(lastLines)}`;
    return [{ kind: "exit", text }];
  });
}

/** Returns the line with the reason, or the last lines if none has one. */
export function reasonIn(lines: string): string {
  const all = lines.split("\n");
  return all.findLast((line) => /\berror\b|^durio: /.test(line)) ?? all.slice(-3).join("\n");
}
