import { type Spending, spendings } from "./bounds.ts";
import type { LocalState } from "./local-states.ts";

/** A state of the whole cluster. Its parts are numbered, so that it is small and quickly compared. */
export interface ClusterState {
  readonly replicas: readonly LocalState[];
  /** The amounts used of all bounds. */
  readonly spent: number;
  readonly history: number;
  /** Messages in flight and pending calls, in order of their numbers. */
  readonly inFlight: readonly number[];
}

/** Bits for the used amount of one bound. */
const SPENT_BITS = 4;

export function spentOf({ spent }: ClusterState, what: Spending): number {
  return (spent >> (SPENT_BITS * spendings.indexOf(what))) & (2 ** SPENT_BITS - 1);
}

export function spend(state: ClusterState, what: Spending): ClusterState {
  return { ...state, spent: state.spent + (1 << (SPENT_BITS * spendings.indexOf(what))) };
}

/** Sorts in place. The lists are short. */
export function sorted(numbers: number[]): number[] {
  for (let at = 1; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    let to = at;
    for (
      let below = numbers[to - 1];
      to > 0 && below !== undefined && below > number;
      below = numbers[to - 1]
    ) {
      numbers[to--] = below;
    }
    numbers[to] = number;
  }
  return numbers;
}
