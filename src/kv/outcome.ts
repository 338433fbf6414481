import { invariant } from "./invariant.ts";

/** The results of a write that a session remembers, in the order of their numbers in snapshots. */
const types = ["written", "tooLarge", "conflict", "registryFull"] as const;

/** See {@link types}. */
export type OutcomeType = (typeof types)[number];

/** A remembered result. `revision` is 0 if the type has none. */
export interface Outcome {
  readonly type: OutcomeType;
  readonly revision: number;
}

const TYPES = types.length;

/** The highest revision that can be remembered. */
export const MAX_REVISION: number = Math.floor(Number.MAX_SAFE_INTEGER / TYPES) - 1;

/**
 * Packs a result into one integer: a session remembers thousands of results, and an object for each would take several times
 * the memory.
 */
export function packOutcome(type: OutcomeType, revision = 0): number {
  const packed = TYPES * revision + types.indexOf(type);
  invariant(isPackedOutcome(packed), "a remembered result is one that a snapshot may have");
  return packed;
}

/** Reverses {@link packOutcome}. */
export function unpackOutcome(packed: number): Outcome {
  const type = types[packed % TYPES];
  invariant(type !== undefined, "a remembered result has one of the known types");
  return { type, revision: Math.floor(packed / TYPES) };
}

/** Returns whether a number is a result that a session may remember. */
export function isPackedOutcome(packed: number): boolean {
  const revision = Math.floor(packed / TYPES);
  if (!Number.isSafeInteger(packed) || packed < 0 || revision > MAX_REVISION) return false;
  switch (types[packed % TYPES]) {
    case "written":
      return revision >= 1;
    case "conflict":
      return true;
    case "tooLarge":
    case "registryFull":
      return revision === 0;
    default:
      return false;
  }
}
