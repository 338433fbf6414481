import type { ReplicaId } from "./matrix.ts";
import type { FaultKind } from "./nemeses/index.ts";

/** A fault of a run, as it happened. */
export interface FaultRecord {
  readonly kind: FaultKind;
  readonly from: number;
  to: number;
  readonly targets: readonly ReplicaId[];
  readonly hitsLeader: boolean;
  notes: string[];
}

/** Time after the end of a fault in which it still explains slowness, in ms. */
export const SHADOW_MS = 3000;

/** Returns the faults that explain slowness in a stretch of time. */
export function faultsAround(faults: readonly FaultRecord[], from: number, to: number): FaultRecord[] {
  return faults.filter((fault) => fault.from <= to && fault.to + SHADOW_MS >= from);
}
