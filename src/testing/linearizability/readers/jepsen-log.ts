import type { RegisterInput, RegisterOutput } from "../models/register.ts";
import type { Operation } from "../operation.ts";
import { type RecordedEvent, readEvents } from "./recorder.ts";

const expected = 'a line like "INFO  jepsen.util - 3 :invoke :cas [4 1]"';
const linePattern = /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.+)$/;

const numberPattern = /^-?\d+$/;
const timedOut = ":timed-out";

type Event = RecordedEvent<RegisterInput, RegisterOutput>;

/**
 * Reads a log of Jepsen's test of etcd, one register with read, write and compare-and-set.
 *
 *     INFO  jepsen.util - 3	:invoke	:cas	[4 1]
 *     INFO  jepsen.util - 3	:fail	:cas	[4 1]        the value was not 4
 *     INFO  jepsen.util - 3	:info	:cas	:timed-out   it may take effect, now or ever after
 *
 * @param file the file's name, for errors
 * @param text the content of the file
 * @returns the operations, in the order of their calls
 * @throws HistoryFormatError
 * @example
 * ```ts
 * import { checkLinearizability, readJepsenLog, registerModel } from "ruaft/testing/linearizability";
 *
 * const log = ["0 :invoke :write 3", "0 :ok :write 3", "1 :invoke :read nil", "1 :ok :read 3"]
 *   .map((event) => `INFO  jepsen.util - ${event}`)
 *   .join("\n");
 * const history = readJepsenLog(log, "etcd.log");
 * console.log(checkLinearizability(history, registerModel).verdict); // linearizable
 * ```
 */
export function readJepsenLog(text: string, file: string): Operation<RegisterInput, RegisterOutput>[] {
  return readEvents({ file, text }, parseLine, expected);
}

function parseLine(line: string): Event | undefined {
  const [, process, kind, operation, value] = linePattern.exec(line) ?? [];
  if (process === undefined || operation === undefined || value === undefined) return undefined;
  const outcome = kind === "invoke" ? callOf(operation, value) : outcomeOf(kind, operation, value);
  if (!outcome) return undefined;
  const repeats = operation !== "read" && value !== timedOut;
  return { process: Number(process), outcome, what: repeats ? `${operation} ${value}` : operation };
}

function callOf(operation: string, value: string): Event["outcome"] | undefined {
  switch (operation) {
    case "read":
      return value === "nil" ? { type: "call", call: { type: "read" } } : undefined;
    case "write":
      return numberPattern.test(value) ? { type: "call", call: { type: "write", value } } : undefined;
    default: {
      const [, from, to] = /^\[(-?\d+) (-?\d+)\]$/.exec(value) ?? [];
      if (from === undefined || to === undefined) return undefined;
      return { type: "call", call: { type: "cas", from, to } };
    }
  }
}

function outcomeOf(kind: string | undefined, operation: string, value: string): Event["outcome"] | undefined {
  if (kind === "info") return { type: "unknown" };
  if (kind === "fail") {
    return operation === "cas" && value !== timedOut
      ? { type: "output", output: { type: "mismatch" } }
      : { type: "noEffect" };
  }
  if (operation !== "read") return { type: "output", output: { type: "written" } };
  if (value === "nil") return { type: "output", output: { type: "value", value: undefined } };
  return numberPattern.test(value) ? { type: "output", output: { type: "value", value } } : undefined;
}
