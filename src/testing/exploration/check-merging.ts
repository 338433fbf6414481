import { textOf } from "./intern.ts";
import type { LocalState, LocalStates, LocalStep, Merge } from "./local-states.ts";

/**
 * A core's state is not observable, so two runs count as the same state if everything equals that is believed to
 * matter. This verifies it for everything explored: every continuation of one run is tried in the other, and must send
 * the same messages and lead to the same state.
 *
 * @returns the number of compared steps
 * @throws Error naming two runs that differ
 */
export function checkMerging(locals: LocalStates): number {
  let compared = 0;
  for (const merge of locals.merges) compared += follow(locals, merge, locals.state(merge.into), []);
  return compared;
}

/** Tries the continuations of one run in the other, up to the next states with an identity. */
function follow(locals: LocalStates, merge: Merge, state: LocalState, since: readonly number[]): number {
  let compared = 0;
  for (const input of locals.inputsOf(state.number)) {
    const expected = locals.step(state, input);
    if (expected instanceof Error || locals.inputs.valueOf(input).type === "crash") continue;
    const inputs = [...since, input];
    compare(locals, merge, inputs, expected);
    compared++;
    if (expected.state.base !== expected.state.number)
      compared += follow(locals, merge, expected.state, inputs);
  }
  return compared;
}

function compare(locals: LocalStates, merge: Merge, inputs: readonly number[], expected: LocalStep): void {
  const run = locals.relive(locals.state(merge.before));
  const sent = [merge.input, ...inputs].map((input) => run.perform(locals.inputs.valueOf(input))).at(-1);
  const { identity } = run.portrait();
  const known = identity === undefined ? undefined : locals.numberOf(identity);
  const isNamed = expected.state.base === expected.state.number;
  if (textOf(sent) === textOf(expected.sent) && known === (isNamed ? expected.state.number : undefined))
    return;
  throw new Error(
    `state ${merge.into} is not what ${merge.input} makes of ${merge.before}: see after ${inputs}`,
  );
}
