import type { Operation } from "../../../src/testing/linearizability/index.ts";
import type { Specification } from "./specifications.ts";

/** Tries every order, with and without each operation of unknown outcome. */
export function isLinearizable<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  specification: Specification<State, Input, Output>,
  state: State = specification.initial,
): boolean {
  const known = history.filter(({ output }) => output !== undefined);
  if (known.length === 0) return true;
  const deadline = Math.min(...known.map(({ returnAt }) => returnAt));
  return history.some((operation) => {
    if (operation.callAt > deadline) return false;
    const rest = history.filter((other) => other !== operation);
    return specification
      .outcomes(state, operation.input)
      .filter(({ output }) => operation.output === undefined || isSame(output, operation.output))
      .some((outcome) => isLinearizable(rest, specification, outcome.state));
  });
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
