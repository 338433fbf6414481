import type { Model } from "../model.ts";
import { plainText } from "../plain-data.ts";

/** A deterministic state machine on plain data: primitives, arrays, plain objects, byte strings. */
export interface Specification<State, Input, Output> {
  /** For the page of a timeline. */
  readonly name: string;
  /** Immutable, like every state. */
  readonly initial: State;
  /** Returns the state after an operation, and its output. Must not change the given state. */
  apply(state: State, input: Input): { readonly state: State; readonly output: Output };
  /** See `Model`. */
  partition?(input: Input): string;
  /** Returns true for inputs that never change a state. Makes the search shorter. */
  readOnly?(input: Input): boolean;
}

/**
 * Makes a model of a state machine, to check histories of your own operations.
 *
 * An output must not be undefined, as that means an unknown outcome.
 *
 * @param machine an initial state, and what each operation does to a state
 * @throws TypeError, while checking, for states and outputs that are not plain data
 * @example
 * ```ts
 * import { checkLinearizability, modelOf } from "ruaft/testing/linearizability";
 *
 * const counter = modelOf({
 *   name: "counter",
 *   initial: 0,
 *   apply(count, input: "add" | "read") {
 *     const state = input === "add" ? count + 1 : count;
 *     return { state, output: state };
 *   },
 * });
 * const history = [
 *   { client: 1, input: "add" as const, output: 1, callAt: 0, returnAt: 2 },
 *   { client: 2, input: "read" as const, output: 0, callAt: 1, returnAt: 3 },
 * ];
 * console.log(checkLinearizability(history, counter).verdict); // linearizable
 * ```
 */
export function modelOf<State extends NonNullable<unknown> | null, Input, Output>(
  machine: Specification<State, Input, Output>,
): Model<State, Input, Output> {
  const { name, initial } = machine;
  return {
    name,
    initial: () => initial,
    partition: (input) => machine.partition?.(input) ?? "",
    step(state, input, output) {
      const after = machine.apply(state, input);
      if (output === undefined) return after.state;
      return text("output", after.output) === text("output", output) ? after.state : undefined;
    },
    key: (state) => text("state", state),
    readOnly: (input) => machine.readOnly?.(input) ?? false,
    describe: (input, output) => `${label(input)} → ${output === undefined ? "?" : label(output)}`,
    describeState: label,
  };
}

function text(argument: "state" | "output", value: unknown): string {
  const found = plainText(value);
  if (found === undefined) {
    throw new TypeError(`${argument}: plain data (primitives, arrays, plain objects), not ${String(value)}`);
  }
  return found;
}

function label(value: unknown): string {
  return typeof value === "string" ? value : (plainText(value) ?? String(value));
}
