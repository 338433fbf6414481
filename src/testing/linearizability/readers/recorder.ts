import type { Operation } from "../operation.ts";
import { HistoryFormatError } from "./format-error.ts";

/** One line of a recorded history: a process makes a call, or learns the outcome of its last call. */
export interface RecordedEvent<Call, Output> {
  readonly process: number;
  readonly outcome:
    | { readonly type: "call"; readonly call: Call }
    /** It took effect. */
    | { readonly type: "output"; readonly output: Output }
    /** It had no effect and returned nothing. */
    | { readonly type: "noEffect" }
    /** It may have taken effect, or may do so later. */
    | { readonly type: "unknown" };
  /** The call with its arguments. An outcome repeats it, or at least its first words. */
  readonly what: string;
}

interface PendingCall<Call> {
  readonly call: Call;
  readonly callAt: number;
  readonly what: string;
}

/**
 * Reads a history line by line and pairs each call with its outcome. The time of an event is its line number. A call
 * without an outcome stays open. Blank lines are skipped.
 *
 * @param parse returns undefined for a line that is not an event
 * @param expected what each line should be, for the error
 * @throws HistoryFormatError
 */
export function readEvents<Call, Output>(
  source: { readonly file: string; readonly text: string },
  parse: (line: string) => RecordedEvent<Call, Output> | undefined,
  expected: string,
): Operation<Call, Output>[] {
  const history: Operation<Call, Output>[] = [];
  const pending = new Map<number, PendingCall<Call>>();
  for (const [at, line] of source.text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const place = { file: source.file, line: at + 1 };
    const event = parse(line.trim());
    if (!event) throw new HistoryFormatError(place, expected, line);
    const problem = take(event, place.line, pending, history);
    if (problem !== undefined) throw new HistoryFormatError(place, problem, line);
  }
  for (const [process, open] of pending) history.push(openToTheEnd(process, open));
  return history.sort((a, b) => a.callAt - b.callAt);
}

/** Returns what was expected instead if the event is impossible. */
function take<Call, Output>(
  { process, outcome, what }: RecordedEvent<Call, Output>,
  line: number,
  pending: Map<number, PendingCall<Call>>,
  history: Operation<Call, Output>[],
): string | undefined {
  const open = pending.get(process);
  if (outcome.type === "call") {
    if (open) return `the outcome of what process ${process} called in line ${open.callAt}`;
    pending.set(process, { call: outcome.call, callAt: line, what });
    return undefined;
  }
  if (!open) return `a call of process ${process} before its outcome`;
  if (!`${open.what} `.startsWith(`${what} `))
    return `the outcome of "${open.what}", which process ${process} called in line ${open.callAt}`;
  pending.delete(process);
  if (outcome.type === "output") {
    const { call: input, callAt } = open;
    history.push({ client: process, input, output: outcome.output, callAt, returnAt: line });
  } else if (outcome.type === "unknown") {
    history.push(openToTheEnd(process, open));
  }
  return undefined;
}

function openToTheEnd<Call, Output>(
  client: number,
  { call: input, callAt }: PendingCall<Call>,
): Operation<Call, Output> {
  return { client, input, output: undefined, callAt, returnAt: Number.POSITIVE_INFINITY };
}
