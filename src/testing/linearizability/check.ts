import type { Model } from "./model.ts";
import { checkTimes, type Operation } from "./operation.ts";
import { PartitionSearch } from "./search/partition-search.ts";

/** Undecided: the budget ran out. To rely on a history it has to be decided, so count this as a failure. */
export type Verdict = "linearizable" | "illegal" | "undecided";

/** What was found out about the operations of one partition. */
export interface PartitionResult<Input, Output> {
  /** As the model calls it; empty if the model has no partitions. */
  readonly name: string;
  readonly verdict: Verdict;
  /** In the order of the history. */
  readonly operations: readonly Operation<Input, Output>[];
  /** The longest order found that the model allows; a whole one if the verdict is linearizable. */
  readonly linearization: readonly Operation<Input, Output>[];
  /**
   * The operation that can't be placed: it has to come next, or one that is concurrent with it, but none of them leads
   * on. Undefined if all have a place.
   */
  readonly stuck: Operation<Input, Output> | undefined;
}

export interface LinearizabilityResult<Input, Output> {
  /** Of the whole history: illegal if one partition is. */
  readonly verdict: Verdict;
  /** An illegal partition first. Once one is found, others may be left undecided. */
  readonly partitions: readonly PartitionResult<Input, Output>[];
  /** How much of the budget was used. */
  readonly configurations: number;
}

export interface CheckOptions {
  /**
   * How many configurations the search may enter, over all partitions; an integer from 1, `DEFAULT_BUDGET` by default.
   * Each takes some microseconds, and some thirty bytes and a bit for every operation in its partition.
   */
  readonly budget?: number;
}

export const DEFAULT_BUDGET: number = 2_000_000;

/** What every partition gets in the first round; it doubles with every round. */
const firstSlice = 256;

/**
 * Decides whether a history is linearizable: whether each operation can be thought to take effect at one instant
 * between its call and its return, so that the model allows all outputs.
 *
 * Exact, as far as the budget goes. Partitions are searched in turns, for longer with every round, never one to its end
 * before the next: an illegal one is found soon even if another would take for ever.
 *
 * @throws RangeError for a budget or times that can't be
 */
export function checkLinearizability<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
  options: CheckOptions = {},
): LinearizabilityResult<Input, Output> {
  const budget = options.budget ?? DEFAULT_BUDGET;
  if (!Number.isSafeInteger(budget) || budget < 1)
    throw new RangeError(`budget: an integer from 1, not ${budget}`);
  checkTimes(history);
  const parts = [...split(history, model)].map(([name, operations]) => part(name, operations, model));
  const configurations = searchInTurns(parts, budget);
  const results = parts.map(({ name, verdict, operations, search }) => {
    return { name, verdict, operations, ...search.reach() };
  });
  const illegal = results.filter(({ verdict }) => verdict === "illegal");
  const others = results.filter(({ verdict }) => verdict !== "illegal");
  return { verdict: verdictOfAll(results), partitions: [...illegal, ...others], configurations };
}

interface Part<State, Input, Output> {
  readonly name: string;
  readonly operations: readonly Operation<Input, Output>[];
  readonly search: PartitionSearch<State, Input, Output>;
  /** Undecided until the search has ended. */
  verdict: Verdict;
}

function part<State, Input, Output>(
  name: string,
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
): Part<State, Input, Output> {
  return { name, operations, search: new PartitionSearch(model, operations), verdict: "undecided" };
}

/** Operations of one part of the state, in the order in which the parts first occur. */
function split<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
): Map<string, Operation<Input, Output>[]> {
  const parts = new Map<string, Operation<Input, Output>[]>();
  for (const operation of history) {
    const name = model.partition?.(operation.input) ?? "";
    const known = parts.get(name);
    if (known) known.push(operation);
    else parts.set(name, [operation]);
  }
  return parts;
}

/** Searches until all are decided, one is illegal, or the budget is used up. Returns how much of it was used. */
function searchInTurns<State, Input, Output>(
  parts: readonly Part<State, Input, Output>[],
  budget: number,
): number {
  let left = budget;
  let open = [...parts];
  for (let slice = firstSlice; open.length > 0 && left > 0; slice *= 2) {
    for (const part of open) {
      const before = part.search.configurations;
      // With nothing left, a part that needs nothing is still decided.
      part.verdict = part.search.advance(Math.min(slice, left)) ?? "undecided";
      left -= part.search.configurations - before;
      if (part.verdict === "illegal") return budget - left;
    }
    open = open.filter(({ verdict }) => verdict === "undecided");
  }
  return budget - left;
}

function verdictOfAll(results: readonly { readonly verdict: Verdict }[]): Verdict {
  if (results.some(({ verdict }) => verdict === "illegal")) return "illegal";
  return results.some(({ verdict }) => verdict === "undecided") ? "undecided" : "linearizable";
}
