import type { Model } from "../model.ts";
import { unfit } from "./unfit.ts";

/** An operation on a register with compare-and-set. */
export type RegisterInput =
  | { readonly type: "read" }
  | { readonly type: "write"; readonly value: string }
  /** Writes `to` if the value is `from`. */
  | { readonly type: "cas"; readonly from: string; readonly to: string };

/** The result of an operation on a register with compare-and-set. */
export type RegisterOutput =
  /** The reply to a read; undefined before the first write. */
  | { readonly type: "value"; readonly value: string | undefined }
  /** The reply to a write, and to a compare-and-set that succeeded. */
  | { readonly type: "written" }
  /** The reply to a compare-and-set that found another value. */
  | { readonly type: "mismatch" };

/** One register with compare-and-set, as recorded by Jepsen's test of etcd. Null before the first write. */
export const registerModel: Model<string | null, RegisterInput, RegisterOutput> = {
  name: "register",
  initial: () => null,
  step(value, input, output) {
    switch (input.type) {
      case "read":
        if (output === undefined) return value;
        if (output.type !== "value") throw unfit(input, output);
        return (output.value ?? null) === value ? value : undefined;
      case "write":
        if (output !== undefined && output.type !== "written") throw unfit(input, output);
        return input.value;
      case "cas":
        if (output?.type === "value") throw unfit(input, output);
        if (output?.type === "mismatch") return value === input.from ? undefined : value;
        return value === input.from ? input.to : undefined;
    }
  },
  key: (value) => value ?? 0,
  readOnly: (input, output) => input.type === "read" || output?.type === "mismatch",
  describe: (input, output) => describeInput(input) + describeOutput(output),
  describeState: (value) => value ?? "nothing",
};

function describeInput(input: RegisterInput): string {
  switch (input.type) {
    case "read":
      return "read";
    case "write":
      return `write ${input.value}`;
    case "cas":
      return `cas ${input.from} to ${input.to}`;
  }
}

function describeOutput(output: RegisterOutput | undefined): string {
  switch (output?.type) {
    case undefined:
      return " → ?";
    case "value":
      return ` → ${output.value ?? "nothing"}`;
    case "written":
      return "";
    case "mismatch":
      return " → mismatch";
  }
}
