import type { Model } from "../model.ts";
import type { Operation } from "../operation.ts";
import { SeenValues } from "./seen-values.ts";
import { unfit } from "./unfit.ts";

/** An operation on a store with put and append. */
export type KeyValueInput =
  | { readonly type: "get"; readonly key: string }
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "append"; readonly key: string; readonly value: string };

/** The result of an operation on a store with put and append. */
export type KeyValueOutput =
  /** The reply to a get; empty if nothing was written. */
  | { readonly type: "value"; readonly value: string }
  /** The reply to a put or an append. */
  | { readonly type: "written" };

/**
 * Keys with put and append, each initially empty. A partition is a key. Its state is the value, or null for any value
 * that no get returned.
 */
export const keyValueModel: Model<string | null, KeyValueInput, KeyValueOutput> = {
  ...modelOfValues((value) => value),
  reduce(partition) {
    const seen = new SeenValues(
      partition.flatMap(({ output }) => (output?.type === "value" ? output.value : [])),
    );
    const couldShow = ({ input, output }: Operation<KeyValueInput, KeyValueOutput>) =>
      output !== undefined || (input.type !== "get" && seen.couldShow(input));
    return { model: modelOfValues((value) => seen.narrow(value)), operations: partition.filter(couldShow) };
  },
};

/** @param narrow returns the value, or null if no get returned it */
function modelOfValues(
  narrow: (value: string) => string | null,
): Model<string | null, KeyValueInput, KeyValueOutput> {
  return {
    name: "key-value",
    initial: () => narrow(""),
    partition: ({ key }) => key,
    step(value, input, output) {
      if (input.type === "get") {
        if (output === undefined) return value;
        if (output.type !== "value") throw unfit(input, output);
        return output.value === value ? value : undefined;
      }
      if (output !== undefined && output.type !== "written") throw unfit(input, output);
      if (input.type === "put") return narrow(input.value);
      return value === null ? null : narrow(value + input.value);
    },
    key: (value) => value ?? 0,
    readOnly: ({ type }) => type === "get",
    describe(input, output) {
      const call = input.type === "get" ? "get" : `${input.type} ${JSON.stringify(input.value)}`;
      if (output === undefined) return `${call} → ?`;
      return output.type === "value" ? `${call} → ${JSON.stringify(output.value)}` : call;
    },
    describeState: (value) => JSON.stringify(value),
  };
}
