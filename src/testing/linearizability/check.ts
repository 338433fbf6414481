import type { Model } from "./model.ts";
import { checkTimes, type Operation } from "./operation.ts";
import { PartitionSearch } from "./search/partition-search.ts";

/** `undecided`: the budget ran out. Treat it as a failure, because the history was not verified. */
export type Verdict = "linearizable" | "illegal" | "undecided";

/** The result for the operations of one partition. */
export interface PartitionResult<Input, Output> {
  /** The partition's name in the model; empty if the model has no partitions. */
  readonly name: string;
  /** For this partition alone. */
  readonly verdict: Verdict;
  /** In the order of the history. */
  readonly operations: readonly Operation<Input, Output>[];
  /** The longest order found that the model allows; complete if the verdict is linearizable. */
  readonly linearization: readonly Operation<Input, Output>[];
  /**
   * An operation that cannot be ordered: it, or a concurrent one, must come next, but the model allows none of them.
   * Undefined if all are ordered.
   */
  readonly stuck: Operation<Input, Output> | undefined;
}

/** The verdict on a history, and what it rests on. */
export interface LinearizabilityResult<Input, Output> {
  /** The verdict for the whole history: illegal if any partition is. */
  readonly verdict: Verdict;
  /** An illegal partition comes first. Once one is found, others may stay undecided. */
  readonly partitions: readonly PartitionResult<Input, Output>[];
  /** The number of configurations visited. */
  readonly configurations: number;
}

/** Options of `checkLinearizability`. */
export interface CheckOptions {
  /**
   * Maximum number of configurations over all partitions, an integer from 1. Default: `DEFAULT_BUDGET`. Each takes some
   * microseconds, and about thirty bytes plus one bit for every operation of its partition.
   */
  readonly budget?: number;
}

/** The number of configurations after which a check gives up. Default of `CheckOptions.budget`. */
export const DEFAULT_BUDGET: number = 2_000_000;

/** The budget of every partition in the first round. It doubles with every round. */
const firstSlice = 256;

/**
 * Decides whether a history is linearizable: whether each operation can take effect at one instant between its call and
 * its return so that the model allows all outputs.
 *
 * The result is exact within the budget. Partitions are searched in rounds of growing length, so that an illegal one is
 * found soon even if another would take forever.
 *
 * @param history in any order
 * @param model the specification
 * @param options the budget
 * @returns the verdict, and for each partition the best order found
 * @throws RangeError if the budget or a time is invalid
 * @example
 * ```ts
 * import {
 *   checkLinearizability,
 *   type KeyValueInput,
 *   type KeyValueOutput,
 *   keyValueModel,
 *   type Operation,
 * } from "ruaft/testing/linearizability";
 *
 * const history: Operation<KeyValueInput, KeyValueOutput>[] = [
 *   { client: 1, input: { type: "put", key: "a", value: "1" }, output: { type: "written" }, callAt: 0, returnAt: 1 },
 *   { client: 2, input: { type: "get", key: "a" }, output: { type: "value", value: "" }, callAt: 2, returnAt: 3 },
 * ];
 * // The get began after the put had ended, and does not show it.
 * console.log(checkLinearizability(history, keyValueModel).verdict); // illegal
 * ```
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

/** Splits the operations by partition, in the order of the partitions' first operations. */
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

/** Searches until all partitions are decided, one is illegal, or the budget is used up. Returns the used budget. */
function searchInTurns<State, Input, Output>(
  parts: readonly Part<State, Input, Output>[],
  budget: number,
): number {
  let left = budget;
  let open = [...parts];
  for (let slice = firstSlice; open.length > 0 && left > 0; slice *= 2) {
    for (const part of open) {
      const before = part.search.configurations;
      // Even without budget left, a partition that needs no search is decided.
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
