import type { Operation } from "../../../src/testing/linearizability/index.ts";

/** An operation with a known outcome, between two times. */
export function op<Input, Output>(
  client: number,
  [callAt, returnAt]: readonly [number, number],
  input: Input,
  output: Output,
): Operation<Input, Output> {
  return { client, input, output, callAt, returnAt };
}

/** An operation with an unknown outcome. */
export function unknown<Input>(client: number, callAt: number, input: Input): Operation<Input, never> {
  return { client, input, output: undefined, callAt, returnAt: Number.POSITIVE_INFINITY };
}
