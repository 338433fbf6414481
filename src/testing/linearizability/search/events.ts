import type { Operation } from "../operation.ts";

/** The operations of one partition, and the order of their calls and returns. */
export interface Events<Input, Output> {
  /** In the order of their calls: those of known outcome first, then those of unknown outcome. */
  readonly operations: readonly Operation<Input, Output>[];
  /** The number of operations with a known outcome. */
  readonly known: number;
  /** The event at each position: an operation's number for its call, `~` its number for its return. */
  readonly at: Int32Array;
  /** The position of each operation's call. */
  readonly callOf: Int32Array;
  /** The position of each operation's return. Unknown outcomes have none. */
  readonly returnOf: Int32Array;
}

/** Equal times are concurrent: at the same time, calls come before returns. */
export function orderEvents<Input, Output>(
  history: readonly Operation<Input, Output>[],
): Events<Input, Output> {
  const byCall = history.toSorted((a, b) => a.callAt - b.callAt);
  const finished = byCall.filter(({ output }) => output !== undefined);
  const pending = byCall.filter(({ output }) => output === undefined);
  const operations = [...finished, ...pending];
  const known = finished.length;

  const calls = numbersBy(operations, ({ callAt }) => callAt);
  const returns = numbersBy(finished, ({ returnAt }) => returnAt);
  const at = new Int32Array(operations.length + known);
  const callOf = new Int32Array(operations.length);
  const returnOf = new Int32Array(known);
  let called = 0;
  for (let position = 0; position < at.length; position++) {
    const call = calls[called];
    const back = returns[position - called];
    const callAt = call === undefined ? Number.POSITIVE_INFINITY : (operations[call]?.callAt ?? 0);
    const returnAt = back === undefined ? Number.POSITIVE_INFINITY : (operations[back]?.returnAt ?? 0);
    if (call !== undefined && callAt <= returnAt) {
      at[position] = call;
      callOf[call] = position;
      called++;
    } else if (back !== undefined) {
      at[position] = ~back;
      returnOf[back] = position;
    }
  }
  return { operations, known, at, callOf, returnOf };
}

function numbersBy<Item>(items: readonly Item[], time: (item: Item) => number): number[] {
  const times = items.map(time);
  return [...items.keys()].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
}
