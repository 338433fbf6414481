/**
 * Decides whether a recorded history is linearizable.
 *
 *     bun scripts/check-history.ts FILE [--html OUT] [--budget CONFIGURATIONS]
 *
 * FILE is a log of Jepsen's test of etcd, or a key-value history as Porcupine's tests have it. The last line is the
 * verdict, and so is the exit code: linearizable 0, illegal 1, undecided (the budget ran out) 2; 3 if there was
 * nothing to check. An illegal history is drawn as an HTML timeline, to OUT or beside FILE.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  checkLinearizability,
  DEFAULT_BUDGET,
  HistoryFormatError,
  keyValueModel,
  type LinearizabilityResult,
  type Model,
  type Operation,
  type RecordedHistory,
  readRecordedHistory,
  registerModel,
  renderTimeline,
} from "../src/testing/linearizability/index.ts";

const usage = `usage: bun scripts/check-history.ts FILE [--html OUT] [--budget CONFIGURATIONS]

Decides whether a recorded history is linearizable. FILE is a log of Jepsen's test of etcd, or a key-value history
as Porcupine's tests have it. The verdict is the last line and the exit code:

  linearizable  0
  illegal       1   and an HTML timeline, written to OUT or beside FILE as FILE.html
  undecided     2   the budget ran out: a failure, as nothing was shown

and 3 if there was nothing to check.`;

const exitCodes = { linearizable: 0, illegal: 1, undecided: 2 } as const;
const nothingChecked = 3;

interface Task {
  readonly file: string;
  readonly html: string;
  readonly budget: number;
}

/** Nothing could be checked; the message says why. */
class Refusal extends Error {}

process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): number {
  try {
    const task = taskOf(args);
    if (task === "help") {
      console.log(usage);
      return 0;
    }
    const history = read(task.file);
    return history.type === "register"
      ? check(history.operations, registerModel, task)
      : check(history.operations, keyValueModel, task);
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof HistoryFormatError)) throw error;
    console.error(error.message);
    return nothingChecked;
  }
}

function taskOf(args: readonly string[]): Task | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    throw new Refusal(`FILE: one is needed, not ${positionals.length}\n\n${usage}`);
  }
  const budget = Number(values.budget ?? DEFAULT_BUDGET);
  if (!Number.isSafeInteger(budget) || budget < 1) {
    throw new Refusal(`--budget: an integer from 1, not "${values.budget}"`);
  }
  return { file, html: values.html ?? `${file}.html`, budget };
}

function parse(args: readonly string[]): {
  readonly values: { readonly html?: string; readonly budget?: string; readonly help?: boolean };
  readonly positionals: readonly string[];
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        html: { type: "string" },
        budget: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Refusal(`${messageOf(error)}\n\n${usage}`);
  }
}

function read(file: string): RecordedHistory {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Refusal(`${file}: can't be read: ${messageOf(error)}`);
  }
  return readRecordedHistory(text, file);
}

/** Returns the exit code. */
function check<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
  { file, html, budget }: Task,
): number {
  const startedAt = performance.now();
  const result = checkLinearizability(operations, model, { budget });
  const tookMs = performance.now() - startedAt;
  const clients = new Set(operations.map(({ client }) => client)).size;
  const unknown = operations.filter(({ output }) => output === undefined).length;
  console.log(
    `${file}: ${operations.length} operations by ${clients} clients, ${unknown} of unknown outcome`,
  );
  const { partitions, configurations } = result;
  console.log(
    `${model.name}: ${partitions.length} partitions, ${configurations} configurations, ${tookMs.toFixed(1)} ms`,
  );
  if (result.verdict === "undecided") {
    const open = partitions.filter(({ verdict }) => verdict === "undecided").length;
    console.log(`${open} partitions are not decided within ${budget} configurations; try a larger --budget`);
  }
  if (result.verdict === "illegal") tellIllegal(result, model, file, html);
  console.log(result.verdict);
  return exitCodes[result.verdict];
}

function tellIllegal<State, Input, Output>(
  result: LinearizabilityResult<Input, Output>,
  model: Model<State, Input, Output>,
  file: string,
  html: string,
): void {
  const [illegal] = result.partitions;
  if (illegal?.stuck) {
    const { client, input, output, callAt, returnAt } = illegal.stuck;
    const where = illegal.name === "" ? "" : ` of "${illegal.name}"`;
    const what = model.describe(input, output);
    console.log(
      `no place${where} for: ${what.length > 200 ? `${what.slice(0, 200)}…` : what} (client ${client}, lines ${callAt} to ${returnAt})`,
    );
  }
  try {
    writeFileSync(html, renderTimeline(result, model, { title: basename(file) }));
    console.log(`timeline: ${resolve(html)}`);
  } catch (error) {
    // The verdict is valid without the drawing.
    console.error(`${html}: can't be written: ${messageOf(error)}; choose another place with --html`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
