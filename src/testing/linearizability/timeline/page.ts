import type { LinearizabilityResult, PartitionResult } from "../check.ts";
import type { Model } from "../model.ts";
import { summarize, tables } from "./explanation.ts";
import { figure, type View } from "./figure.ts";
import { type Layout, layOut } from "./layout.ts";
import { html, Markup } from "./markup.ts";
import { style } from "./style.ts";

/** Options of a timeline's page. */
export interface TimelineOptions {
  /** The subject of the check, such as a file's name. */
  readonly title: string;
}

/** The number of events before and after the stuck operation in the first figure. */
const eventsBefore = 26;
const eventsAfter = 4;
/** The width of a typical window, in pixels. */
const windowWidth = 1240;

/**
 * Draws a checked history as one self-contained HTML file. It has a row for each client, the illegal partition first, a
 * mark on the operation that cannot be ordered, and the best order found as numbered points.
 *
 * @param result of `checkLinearizability`
 * @param model that it was checked against
 * @param options `title` names what was checked
 * @returns the page, in HTML
 * @example
 * ```ts
 * import {
 *   checkLinearizability,
 *   type KeyValueInput,
 *   type KeyValueOutput,
 *   keyValueModel,
 *   type Operation,
 *   renderTimeline,
 * } from "ruaft/testing/linearizability";
 *
 * const history: Operation<KeyValueInput, KeyValueOutput>[] = [
 *   { client: 1, input: { type: "put", key: "a", value: "1" }, output: { type: "written" }, callAt: 0, returnAt: 1 },
 *   { client: 2, input: { type: "get", key: "a" }, output: { type: "value", value: "" }, callAt: 2, returnAt: 3 },
 * ];
 * const result = checkLinearizability(history, keyValueModel);
 * const page = renderTimeline(result, keyValueModel, { title: "a lost write" });
 * console.log(page.startsWith("<!doctype html>")); // true
 * ```
 */
export function renderTimeline<State, Input, Output>(
  result: LinearizabilityResult<Input, Output>,
  model: Model<State, Input, Output>,
  { title }: TimelineOptions,
): string {
  const sections = result.partitions.map((partition) =>
    partition.verdict === "illegal" ? illegalSection(partition, model) : otherSection(partition, model),
  );
  const count = result.partitions.reduce((sum, { operations }) => sum + operations.length, 0);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}: ${result.verdict}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<h1>${title}: <span class="${result.verdict}">${result.verdict}</span></h1>
<p class="soft">${count} operations. Model: ${model.name}. Partitions: ${result.partitions.length}. Configurations
searched: ${result.configurations}.</p>
${sections}
</body>
</html>
`.text;
}

function illegalSection<State, Input, Output>(
  partition: PartitionResult<Input, Output>,
  model: Model<State, Input, Output>,
): Markup {
  const layout = layOut(partition);
  const whole = viewOf(partition, model, layout);
  return html`<h2>${headingOf(partition)}</h2>
${summarize(partition, model)}
${legend}
<div class="scroll">${figure(layout, { ...whole, ...windowAround(partition, layout), width: windowWidth })}</div>
${tables(partition, model)}
<h2>The whole partition</h2>
<p class="soft">One column for each call and each return, so widths tell the order and not how long things took.
<a href="#stuck">Go to the operation that can’t be placed</a></p>
<div class="scroll">${figure(layout, { ...whole, anchor: "stuck" })}</div>
`;
}

function otherSection<State, Input, Output>(
  partition: PartitionResult<Input, Output>,
  model: Model<State, Input, Output>,
): Markup {
  const layout = layOut(partition);
  return html`<details><summary>${headingOf(partition)}</summary>
<div class="scroll">${figure(layout, viewOf(partition, model, layout))}</div>
</details>
`;
}

function headingOf({ name, verdict, operations }: PartitionResult<unknown, unknown>): string {
  const subject = name === "" ? "All operations" : `Partition “${name}”`;
  const state = verdict === "undecided" ? "not searched to the end" : verdict;
  return `${subject}: ${state}, operations: ${operations.length}`;
}

function viewOf<State, Input, Output>(
  { stuck, verdict }: PartitionResult<Input, Output>,
  model: Model<State, Input, Output>,
  { columns }: Layout<Input, Output>,
): View<Input, Output> {
  return {
    from: 0,
    to: columns,
    stuck: verdict === "illegal" ? stuck : undefined,
    describe: ({ input, output }) => model.describe(input, output),
  };
}

function windowAround<Input, Output>(
  { stuck }: PartitionResult<Input, Output>,
  { rows, columns }: Layout<Input, Output>,
): { readonly from: number; readonly to: number } {
  const bar = rows.flatMap(({ bars }) => bars).find(({ operation }) => operation === stuck);
  const end = bar?.end ?? columns;
  return { from: Math.max(0, end - eventsBefore), to: Math.min(columns, end + 1 + eventsAfter) };
}

const legend = html`<div class="legend">
<span><i class="bar placed"></i>has a place in the best order found</span>
<span><b class="point">7</b>the instant of the seventh in that order</span>
<span><b class="point late">8</b>the instant of one that its client no longer waited for</span>
<span><i class="bar stuck"></i>can’t be placed</span>
<span><i class="bar waiting"></i>without a place</span>
<span><i class="bar open"></i>outcome unknown: may take effect any time later, or never</span>
</div>`;
