import type { Operation } from "../operation.ts";

/** The operations of one partition and the order in which their calls and returns happened. */
export interface Events<Input, Output> {
  /** In the order of their calls: those of known outcome first, then those of unknown outcome. */
  readonly operations: readonly Operation<Input, Output>[];
  /** How many of them have a known outcome. */
  readonly known: number;
  /** What happened at each position: the call of an operation as its number, its return as `~` its number. */
  readonly at: Int32Array;
  /** The position of each operation's call. */
  readonly callOf: Int32Array;
  /** The position of each operation's return; unknown outcomes have none. */
  readonly returnOf: Int32Array;
}

/** Equal times are concurrent: of two events at one time, the call comes before the return. */
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
