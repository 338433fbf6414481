import { invariant } from "../invariant-violation.ts";

/** The size of a majority: any two majorities share a voter. 2 of 3, 3 of 4, 3 of 5. */
export function majorityOf(voters: number): number {
  invariant(voters >= 1, "§5.2 a cluster has a voter");
  return Math.floor(voters / 2) + 1;
}

/** The highest index that a majority has reached, given one index per voter (§5.3). */
export function agreedIndex(indices: readonly number[]): number {
  const descending = [...indices].sort((a, b) => b - a);
  return descending[majorityOf(indices.length) - 1] ?? 0;
}
