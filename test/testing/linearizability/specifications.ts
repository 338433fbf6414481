import fc from "fast-check";
import type {
  KeyValueInput,
  KeyValueOutput,
  RegisterInput,
  RegisterOutput,
  RevisionedInput,
  RevisionedOutput,
} from "../../../src/testing/linearizability/index.ts";

/** A second, very simple version of a model: every outcome that an operation can have. */
export interface Specification<State, Input, Output> {
  readonly initial: State;
  outcomes(state: State, input: Input): readonly { readonly state: State; readonly output: Output }[];
  readonly inputs: fc.Arbitrary<Input>;
  readonly outputs: fc.Arbitrary<Output>;
}

const letters = fc.constantFrom("a", "b");

export const registerSpecification: Specification<string | undefined, RegisterInput, RegisterOutput> = {
  initial: undefined,
  outcomes(state, input) {
    switch (input.type) {
      case "read":
        return [{ state, output: { type: "value", value: state } }];
      case "write":
        return [{ state: input.value, output: { type: "written" } }];
      case "cas":
        return state === input.from
          ? [{ state: input.to, output: { type: "written" } }]
          : [{ state, output: { type: "mismatch" } }];
    }
  },
  inputs: fc.oneof(
    fc.constant({ type: "read" } as const),
    fc.record({ type: fc.constant("write" as const), value: letters }),
    fc.record({ type: fc.constant("cas" as const), from: letters, to: letters }),
  ),
  outputs: fc.oneof(
    fc.record({ type: fc.constant("value" as const), value: fc.option(letters, { nil: undefined }) }),
    fc.constantFrom({ type: "written" } as const, { type: "mismatch" } as const),
  ),
};

/** Some are prefixes or parts of others, because the model has shortcuts for those. */
const values = fc.constantFrom("", "a", "b", "ab", "ba", "aa", "aba");

export const keyValueSpecification: Specification<string, KeyValueInput, KeyValueOutput> = {
  initial: "",
  outcomes(state, input) {
    if (input.type === "get") return [{ state, output: { type: "value", value: state } }];
    const after = input.type === "put" ? input.value : state + input.value;
    return [{ state: after, output: { type: "written" } }];
  },
  inputs: fc.oneof(
    fc.record({ type: fc.constant("get" as const), key: fc.constant("x") }),
    fc.record({
      type: fc.constantFrom("put" as const, "append" as const),
      key: fc.constant("x"),
      value: letters,
    }),
  ),
  outputs: fc.oneof(
    fc.record({ type: fc.constant("value" as const), value: values }),
    fc.constant({ type: "written" } as const),
  ),
};

interface Revisioned {
  readonly value: string | undefined;
  readonly revision: number;
}

/** Higher than any named revision by the number of operations, so that the revisions suffice. */
const highestRevision = 10;
const revisions = fc.integer({ min: 0, max: 4 });

export const revisionedSpecification: Specification<Revisioned, RevisionedInput, RevisionedOutput> = {
  initial: { value: undefined, revision: 0 },
  outcomes(state, input) {
    switch (input.type) {
      case "get":
        return [{ state, output: { type: "value", ...state } }];
      case "put":
        return writes(state, input.value);
      case "append":
        return writes(state, (state.value ?? "") + input.value);
      case "cas":
        if (state.revision === input.expectedRevision) return writes(state, input.value);
        return [
          { state, output: { type: "mismatch" } },
          { state, output: { type: "mismatch", revision: state.revision } },
        ];
    }
  },
  inputs: fc.oneof(
    fc.record({ type: fc.constant("get" as const), key: fc.constant("x") }),
    fc.record({
      type: fc.constantFrom("put" as const, "append" as const),
      key: fc.constant("x"),
      value: letters,
    }),
    fc.record({
      type: fc.constant("cas" as const),
      key: fc.constant("x"),
      expectedRevision: revisions,
      value: letters,
    }),
  ),
  outputs: fc.oneof(
    fc.record({ type: fc.constant("value" as const), value: values, revision: revisions }),
    fc.record({ type: fc.constant("written" as const), revision: revisions }),
    fc.record({ type: fc.constant("mismatch" as const), revision: revisions }),
    fc.constant({ type: "mismatch" } as const),
  ),
};

function writes(
  { revision: before }: Revisioned,
  value: string,
): { readonly state: Revisioned; readonly output: RevisionedOutput }[] {
  return Array.from({ length: Math.max(0, highestRevision - before) }, (_, at) => {
    const revision = before + 1 + at;
    return { state: { value, revision }, output: { type: "written", revision } };
  });
}
