import type { PartitionResult } from "../check.ts";
import type { Model } from "../model.ts";
import type { Operation } from "../operation.ts";
import { html, type Markup } from "./markup.ts";
import { shorten } from "./shorten.ts";

/** The number of last ordered operations that are listed. */
const toldSteps = 12;
const shownCharacters = 4000;

/** Says how far the best order got, its state, and what could not follow. */
export function summarize<State, Input, Output>(
  partition: PartitionResult<Input, Output>,
  model: Model<State, Input, Output>,
): Markup {
  const { linearization, stuck, operations } = partition;
  const last = statesAlong(linearization, model).at(-1) ?? model.initial();
  const known = operations.filter(({ output }) => output !== undefined).length;
  const placed = linearization.filter(({ output }) => output !== undefined).length;
  return html`<p>The best order found gives a place to ${placed} of the ${known} operations whose outcome is known.
It leads to the state <code>${shorten(nameOf(last, model), shownCharacters)}</code>.</p>
${stuck === undefined ? "" : describeStuck(stuck, model)}`;
}

/** Returns tables of what could not follow the best order, and of the order's end. */
export function tables<State, Input, Output>(
  partition: PartitionResult<Input, Output>,
  model: Model<State, Input, Output>,
): Markup {
  const states = statesAlong(partition.linearization, model);
  return html`${followers(partition, states.at(-1) ?? model.initial(), model)}
<h2>The end of the best order</h2>
${lastSteps(partition.linearization, states, model)}`;
}

function describeStuck<State, Input, Output>(
  stuck: Operation<Input, Output>,
  model: Model<State, Input, Output>,
): Markup {
  const text = model.describe(stuck.input, stuck.output);
  return html`<p>By its return, <b class="illegal">client ${stuck.client}</b>’s operation
<code class="illegal">${shorten(text, shownCharacters)}</code> must have had its place. It can’t: neither it nor
anything that may come before it leads on, in this order or in any other.</p>`;
}

/** Returns the operations that could come next by their times. */
function followers<State, Input, Output>(
  { operations, linearization, stuck }: PartitionResult<Input, Output>,
  state: State,
  model: Model<State, Input, Output>,
): Markup {
  if (stuck === undefined) return html``;
  const placed = new Set(linearization);
  const inTime = operations.filter(
    (operation) => !placed.has(operation) && operation.callAt <= stuck.returnAt,
  );
  const rows = inTime.map((operation) => {
    const after = model.step(state, operation.input, operation.output);
    const verdict = after === undefined ? "not allowed in this state" : "allowed, but then nothing leads on";
    return html`<tr><td>${operation.client}</td><td>${code(operation, model)}</td><td>${verdict}</td></tr>
`;
  });
  return html`<h2>What could come next</h2>
<table><tr><th>client</th><th>operation</th><th></th></tr>
${rows}</table>`;
}

function lastSteps<State, Input, Output>(
  linearization: readonly Operation<Input, Output>[],
  states: readonly State[],
  model: Model<State, Input, Output>,
): Markup {
  const first = Math.max(0, linearization.length - toldSteps);
  const rows = linearization.slice(first).map((operation, at) => {
    const state = states[first + at];
    const after = state === undefined ? "" : shorten(nameOf(state, model), 100);
    return html`<tr><td>${first + at + 1}</td><td>${operation.client}</td><td>${code(operation, model)}</td>
<td><code>${after}</code></td></tr>
`;
  });
  return html`<table><tr><th>place</th><th>client</th><th>operation</th><th>state after it</th></tr>
${rows}</table>`;
}

function statesAlong<State, Input, Output>(
  linearization: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
): State[] {
  const states: State[] = [];
  let state = model.initial();
  for (const { input, output } of linearization) {
    state = model.step(state, input, output) ?? state;
    states.push(state);
  }
  return states;
}

function code<State, Input, Output>(
  { input, output }: Operation<Input, Output>,
  model: Model<State, Input, Output>,
): Markup {
  return html`<code>${shorten(model.describe(input, output), 100)}</code>`;
}

function nameOf<State, Input, Output>(state: State, model: Model<State, Input, Output>): string {
  return model.describeState?.(state) ?? String(model.key(state));
}
