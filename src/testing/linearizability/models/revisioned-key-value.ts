import type { Model } from "../model.ts";
import { pin, ruleOut, unwritten, type Versioned, write } from "./revision.ts";
import {
  describeInput,
  describeOutput,
  type RevisionedInput,
  type RevisionedOutput,
} from "./revisioned-operations.ts";
import { SeenValues } from "./seen-values.ts";
import { withoutTraceless } from "./traces.ts";
import { unfit } from "./unfit.ts";

/** The type of {@link revisionedKeyValueModel}. */
export type RevisionedModel = Model<Versioned, RevisionedInput, RevisionedOutput>;

/**
 * Keys with put, append and compare-and-set. Every output contains the revision of the write that made the value: a
 * positive integer, above that of every earlier write of the key. A partition is a key. Its state is the value (null
 * for any that no get returned) and what is known of its revision.
 */
export const revisionedKeyValueModel: RevisionedModel = {
  ...modelOfValues((value) => value),
  reduce(partition) {
    const values = partition.flatMap(({ output }) => (output?.type === "value" ? (output.value ?? []) : []));
    const seen = new SeenValues(values);
    return {
      model: modelOfValues((value) => seen.narrow(value)),
      operations: withoutTraceless(partition, seen),
    };
  },
};

/** @param narrow returns the value, or null if no get returned it */
function modelOfValues(narrow: (value: string) => string | null): RevisionedModel {
  return {
    name: "key-value with revisions",
    initial: () => unwritten,
    partition: ({ key }) => key,
    step(state, input, output) {
      switch (input.type) {
        case "get":
          return afterGet(state, input, output);
        case "put":
          if (output !== undefined && output.type !== "written") throw unfit(input, output);
          return write(state, narrow(input.value), output?.revision);
        case "append": {
          if (output !== undefined && output.type !== "written") throw unfit(input, output);
          const value = state.value === null ? null : narrow((state.value ?? "") + input.value);
          return write(state, value, output?.revision);
        }
        case "cas": {
          if (output?.type === "value") throw unfit(input, output);
          if (output?.type === "mismatch")
            return afterMismatch(state, input.expectedRevision, output.revision);
          const found = pin(state, input.expectedRevision);
          return found && write(found, narrow(input.value), output?.revision);
        }
      }
    },
    // No revision contains a colon, so the value needs no quotes.
    key: ({ value, revision, isCertain, ruledOut }) =>
      `${isCertain ? "" : "from "}${revision}${ruledOut.length > 0 ? ` not ${ruledOut}` : ""}${
        value === null ? "" : `:${value ?? ""}`
      }`,
    readOnly: (input, output) => input.type === "get" || output?.type === "mismatch",
    describe: (input, output) => describeInput(input) + describeOutput(output),
    describeState: ({ value, revision, isCertain }) =>
      `${value === undefined ? "nothing" : JSON.stringify(value)} @${revision}${isCertain ? "" : " or later"}`,
  };
}

function afterGet(
  state: Versioned,
  input: RevisionedInput,
  output: RevisionedOutput | undefined,
): Versioned | undefined {
  if (output === undefined) return state;
  if (output.type !== "value") throw unfit(input, output);
  return output.value === state.value ? pin(state, output.revision) : undefined;
}

function afterMismatch(
  state: Versioned,
  expected: number,
  actual: number | undefined,
): Versioned | undefined {
  const left = ruleOut(state, expected);
  return left && actual !== undefined ? pin(left, actual) : left;
}
