import type { KeyValueInput, KeyValueOutput } from "../models/key-value.ts";
import type { RegisterInput, RegisterOutput } from "../models/register.ts";
import type { Operation } from "../operation.ts";
import { HistoryFormatError } from "./format-error.ts";
import { readJepsenLog } from "./jepsen-log.ts";
import { readKeyValueLog } from "./key-value-log.ts";

/** A history from a file. `type` selects the model to check it against. */
export type RecordedHistory =
  | { readonly type: "register"; readonly operations: readonly Operation<RegisterInput, RegisterOutput>[] }
  | { readonly type: "keyValue"; readonly operations: readonly Operation<KeyValueInput, KeyValueOutput>[] };

/**
 * Reads a history in either format, which its first line determines.
 *
 * @param file the file's name, for errors
 * @param text the content of the file
 * @throws HistoryFormatError
 * @example
 * ```ts
 * import { readRecordedHistory } from "ruaft/testing/linearizability";
 *
 * const log = ["0 :invoke :write 3", "0 :ok :write 3", "1 :invoke :read nil", "1 :ok :read 3"]
 *   .map((event) => `INFO  jepsen.util - ${event}`)
 *   .join("\n");
 * const { type, operations } = readRecordedHistory(log, "etcd.log");
 * console.log(type, operations.length); // register 2
 * ```
 */
export function readRecordedHistory(text: string, file: string): RecordedHistory {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.trim() !== "");
  const first = lines[at]?.trim() ?? "";
  if (first.startsWith("INFO")) return { type: "register", operations: readJepsenLog(text, file) };
  if (first.startsWith("{:process")) return { type: "keyValue", operations: readKeyValueLog(text, file) };
  const expected = 'a history: its first line starts with "INFO" (Jepsen) or "{:process" (key-value)';
  throw new HistoryFormatError({ file, line: at < 0 ? 1 : at + 1 }, expected, first);
}
