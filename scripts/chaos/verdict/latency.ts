import type { ChaosOperation } from "../history.ts";
import { type FaultRecord, faultsAround } from "../timeline.ts";

/** In ms. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Returns the latencies of successful operations: near a fault, and the others. */
export function latencies(
  history: readonly ChaosOperation[],
  faults: readonly FaultRecord[],
): { readonly calm: readonly number[]; readonly nearFault: readonly number[] } {
  const calm: number[] = [];
  const nearFault: number[] = [];
  for (const { callAt, returnAt, outcome } of history) {
    if (outcome !== "ok") continue;
    const isNear = faultsAround(faults, callAt, returnAt).length > 0;
    (isNear ? nearFault : calm).push(returnAt - callAt);
  }
  return { calm, nearFault };
}

export function summarize(values: readonly number[]): Latencies {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}
