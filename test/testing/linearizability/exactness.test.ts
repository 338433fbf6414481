import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkLinearizability,
  keyValueModel,
  type Model,
  modelOf,
  registerModel,
  revisionedKeyValueModel,
} from "../../../src/testing/linearizability/index.ts";
import { isLinearizable } from "./brute-force.ts";
import { historiesOf } from "./random-history.ts";
import {
  keyValueSpecification,
  registerSpecification,
  revisionedSpecification,
  type Specification,
} from "./specifications.ts";

const counter = modelOf({
  name: "counter",
  initial: 0,
  apply(count, input: "add" | "read") {
    const state = input === "add" ? count + 1 : count;
    return { state, output: state };
  },
  readOnly: (input) => input === "read",
});

const counterSpecification: Specification<number, "add" | "read", number> = {
  initial: 0,
  outcomes(count, input) {
    const state = input === "add" ? count + 1 : count;
    return [{ state, output: state }];
  },
  inputs: fc.constantFrom("add", "read"),
  outputs: fc.integer({ min: 0, max: 5 }),
};

/** The same verdict as trying every order, on many small histories; both verdicts have to occur. */
function compare<ModelState, State, Input, Output>(
  model: Model<ModelState, Input, Output>,
  specification: Specification<State, Input, Output>,
): void {
  const seen = { linearizable: 0, illegal: 0, undecided: 0 };
  fc.assert(
    fc.property(historiesOf(specification), (history) => {
      const { verdict, partitions } = checkLinearizability(history, model);
      expect(verdict).toBe(isLinearizable(history, specification) ? "linearizable" : "illegal");
      expect(partitions.every(({ stuck }) => (stuck === undefined) === (verdict === "linearizable"))).toBe(
        true,
      );
      seen[verdict]++;
    }),
    { numRuns: 1_000 },
  );
  expect(Math.min(seen.linearizable, seen.illegal)).toBeGreaterThan(20);
}

describe("the checker agrees with trying every order", () => {
  test("of a register", () => compare(registerModel, registerSpecification));
  test("of a key with appends", () => compare(keyValueModel, keyValueSpecification));
  test("of a key with revisions", () => compare(revisionedKeyValueModel, revisionedSpecification));
  test("of a counter", () => compare(counter, counterSpecification));
});
