import type { KeyValueInput, KeyValueOutput } from "../models/key-value.ts";
import type { Operation } from "../operation.ts";
import { type RecordedEvent, readEvents } from "./recorder.ts";

const expected = 'a line like {:process 3, :type :invoke, :f :append, :key "x", :value "1"}';
const quoted = '"(?:[^"\\\\]|\\\\.)*"';
const linePattern = new RegExp(
  `^\\{:process (\\d+), :type :(invoke|ok|fail|info), :f :(get|put|append), :key (${quoted}), :value (nil|${quoted})\\}$`,
);

type Event = RecordedEvent<KeyValueInput, KeyValueOutput>;

/**
 * Reads a history of a key-value store with get, put and append, as Porcupine's tests have it.
 *
 *     {:process 3, :type :invoke, :f :get, :key "x", :value nil}
 *     {:process 3, :type :ok, :f :get, :key "x", :value "12"}
 *
 * `:fail` means an operation without effect, `:info` for an unknown outcome.
 *
 * @param file the file's name, for errors
 * @param text the content of the file
 * @returns the operations, in the order of their calls
 * @throws HistoryFormatError
 * @example
 * ```ts
 * import { checkLinearizability, keyValueModel, readKeyValueLog } from "ruaft/testing/linearizability";
 *
 * const log = [
 *   '{:process 3, :type :invoke, :f :put, :key "x", :value "12"}',
 *   '{:process 3, :type :ok, :f :put, :key "x", :value "12"}',
 * ].join("\n");
 * const history = readKeyValueLog(log, "run.txt");
 * console.log(checkLinearizability(history, keyValueModel).verdict); // linearizable
 * ```
 */
export function readKeyValueLog(text: string, file: string): Operation<KeyValueInput, KeyValueOutput>[] {
  return readEvents({ file, text }, parseLine, expected);
}

function parseLine(line: string): Event | undefined {
  const [, process, kind, operation, quotedKey = "", quotedValue = ""] = linePattern.exec(line) ?? [];
  const key = unquote(quotedKey);
  const value = quotedValue === "nil" ? undefined : unquote(quotedValue);
  if (key === undefined || (quotedValue !== "nil" && value === undefined)) return undefined;
  const outcome = kind === "invoke" ? callOf(operation, key, value) : outcomeOf(kind, operation, value);
  if (!outcome) return undefined;
  const repeats = operation !== "get" && value !== undefined;
  const what = repeats ? `${operation} ${quotedKey} ${quotedValue}` : `${operation} ${quotedKey}`;
  return { process: Number(process), outcome, what };
}

function callOf(
  operation: string | undefined,
  key: string,
  value: string | undefined,
): Event["outcome"] | undefined {
  if (operation === "get")
    return value === undefined ? { type: "call", call: { type: "get", key } } : undefined;
  if (value === undefined) return undefined;
  return { type: "call", call: { type: operation === "put" ? "put" : "append", key, value } };
}

function outcomeOf(
  kind: string | undefined,
  operation: string | undefined,
  value: string | undefined,
): Event["outcome"] | undefined {
  if (kind === "info") return { type: "unknown" };
  if (kind === "fail") return { type: "noEffect" };
  if (operation !== "get") return { type: "output", output: { type: "written" } };
  return value === undefined ? undefined : { type: "output", output: { type: "value", value } };
}

/** Returns the text between quotes, with the escapes that EDN shares with JSON, or undefined if there are others. */
function unquote(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
