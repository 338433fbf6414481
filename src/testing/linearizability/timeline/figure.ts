import type { Operation } from "../operation.ts";
import type { Bar, Layout, Row } from "./layout.ts";
import { html, type Markup } from "./markup.ts";
import { shorten } from "./shorten.ts";

/** The part of a layout that a figure shows. */
export interface View<Input, Output> {
  /** The columns shown, without `to`. */
  readonly from: number;
  readonly to: number;
  readonly stuck: Operation<Input, Output> | undefined;
  /** Width of all columns in pixels. Default: what the labels need. */
  readonly width?: number;
  /** The anchor of the bar that is stuck, for links. */
  readonly anchor?: string;
  readonly describe: (operation: Operation<Input, Output>) => string;
}

const rowHeight = 34;
/** In pixels. With it, half of the bars can show a label of about twenty characters. */
const usualBarWidth = 130;
const narrowestColumn = 18;
const widestColumn = 64;

/** Draws a row for each client with anything in view. Scrolls sideways. */
export function figure<Input, Output>(layout: Layout<Input, Output>, view: View<Input, Output>): Markup {
  const rows = layout.rows
    .map(({ client, bars }) => ({ client, bars: bars.filter((bar) => isInView(bar, view)) }))
    .filter(({ bars }) => bars.length > 0);
  const scale = view.width === undefined ? scaleFor(rows) : view.width / (view.to - view.from);
  const width = Math.ceil((view.to - view.from) * scale);
  const names = rows.map(({ client }) => html`<div class="name">${shorten(String(client), 16)}</div>`);
  const drawn = rows.map(
    ({ bars }) => html`<div class="row">${bars.map((bar) => drawBar(bar, view, scale))}</div>
`,
  );
  return html`<div class="figure"><div class="names">${names}</div>
<div class="plane" style="width:${width}px;height:${rows.length * rowHeight}px">
${drawn}</div></div>`;
}

function isInView<Input, Output>(bar: Bar<Input, Output>, { from, to }: View<Input, Output>): boolean {
  return bar.start < to && (bar.end ?? Number.POSITIVE_INFINITY) >= from;
}

/** Returns the width of a column in pixels. */
function scaleFor(rows: readonly Row<unknown, unknown>[]): number {
  const spans = rows.flatMap(({ bars }) =>
    bars.flatMap(({ start, end }) => (end === undefined ? [] : end - start)),
  );
  const median = spans.sort((a, b) => a - b)[spans.length >>> 1] ?? 1;
  return Math.min(widestColumn, Math.max(narrowestColumn, Math.round(usualBarWidth / median)));
}

function drawBar<Input, Output>(bar: Bar<Input, Output>, view: View<Input, Output>, scale: number): Markup {
  const { operation, start, end, nextStart, point } = bar;
  const place = (column: number) =>
    Math.round((Math.min(Math.max(column, view.from), view.to) - view.from) * scale);
  const left = place(start);
  const width = Math.max(4, place(end ?? nextStart) - left - 2);
  const label = view.describe(operation);
  const title = `${label}\nclient ${operation.client}, from ${operation.callAt} to ${timeOf(operation.returnAt)}`;
  const isAnchor = operation === view.stuck && view.anchor !== undefined;
  const drawn = [
    html`<div${isAnchor ? html` id="${view.anchor ?? ""}"` : ""} class="bar ${kindOf(bar, view)}" style="left:${left}px;width:${width}px"></div>`,
    html`<span class="label" style="left:${left}px;width:${place(nextStart) - left - 2}px" title="${shorten(title, 1500)}">${shorten(label, 60)}</span>`,
  ];
  if (end === undefined && nextStart < view.to) {
    drawn.push(html`<div class="tail" style="left:${place(nextStart)}px"></div>`);
  }
  if (point !== undefined && point.at >= view.from && point.at < view.to) {
    const late = point.at >= nextStart ? " late" : "";
    drawn.push(html`<b class="point${late}" style="left:${place(point.at)}px">${point.number}</b>`);
  }
  return html`${drawn}`;
}

/** Returns the classes of a bar. */
function kindOf<Input, Output>(
  { operation, start, end, point }: Bar<Input, Output>,
  { stuck, from }: View<Input, Output>,
): string {
  const place = point === undefined ? "waiting" : "placed";
  const kinds = [operation === stuck ? "stuck" : place];
  if (end === undefined) kinds.push("open");
  if (start < from) kinds.push("cut");
  return kinds.join(" ");
}

function timeOf(returnAt: number): string {
  return returnAt === Number.POSITIVE_INFINITY ? "unknown" : String(returnAt);
}
