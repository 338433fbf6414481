import fc from "fast-check";
import type { Operation } from "../../../src/testing/linearizability/index.ts";
import type { Specification } from "./specifications.ts";

/** One planned operation: when it runs, and its invented outcome. */
interface Draft<Input, Output> {
  readonly input: Input;
  readonly callAt: number;
  readonly length: number;
  /** When it takes effect, within its time. */
  readonly delay: number;
  /** Selects one of its outcomes. */
  readonly choice: number;
  readonly fate: "known" | "unknown" | "never" | "wrong";
  /** Replaces the true output if the fate is "wrong". */
  readonly otherOutput: Output;
}

/** Small histories that a run made, a few of them with a wrong output. */
export function historiesOf<State, Input, Output>(
  specification: Specification<State, Input, Output>,
): fc.Arbitrary<Operation<Input, Output>[]> {
  const draft = fc.record({
    input: specification.inputs,
    callAt: fc.integer({ min: 0, max: 8 }),
    length: fc.integer({ min: 0, max: 5 }),
    delay: fc.integer({ min: 0, max: 5 }),
    choice: fc.integer({ min: 0, max: 2 }),
    fate: fc.constantFrom("known", "known", "known", "known", "unknown", "never", "wrong"),
    otherOutput: specification.outputs,
  });
  return fc.array(draft, { minLength: 1, maxLength: 6 }).map((drafts) => run(drafts, specification));
}

function run<State, Input, Output>(
  drafts: readonly Draft<Input, Output>[],
  { initial, outcomes }: Specification<State, Input, Output>,
): Operation<Input, Output>[] {
  const effectAt = ({ callAt, length, delay, fate }: Draft<Input, Output>) =>
    callAt + (fate === "unknown" ? 2 * delay : Math.min(delay, length));
  const history: Operation<Input, Output>[] = [];
  let state = initial;
  for (const draft of drafts.toSorted((a, b) => effectAt(a) - effectAt(b))) {
    const { input, callAt, length, choice, fate, otherOutput } = draft;
    const possible = outcomes(state, input);
    const outcome = possible[choice % possible.length];
    if (fate !== "never" && outcome) state = outcome.state;
    const output =
      fate === "wrong" && answersLike(otherOutput, outcome?.output) ? otherOutput : outcome?.output;
    const isUnknown = fate === "unknown" || fate === "never";
    history.push({
      client: history.length,
      input,
      output: isUnknown ? undefined : output,
      callAt,
      returnAt: isUnknown || output === undefined ? Number.POSITIVE_INFINITY : callAt + length,
    });
  }
  return history;
}

/** Outputs of the wrong kind would be refused; they are not the subject here. */
function answersLike(made: unknown, real: unknown): boolean {
  return kindOf(made) === kindOf(real);
}

function kindOf(output: unknown): unknown {
  return typeof output === "object" && output !== null && "type" in output ? output.type : typeof output;
}
