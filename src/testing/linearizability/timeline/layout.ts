import type { PartitionResult } from "../check.ts";
import type { Operation } from "../operation.ts";
import { orderEvents } from "../search/events.ts";

/** An operation in the drawing. Each event has one column, because the order matters and bursts stay readable. */
export interface Bar<Input, Output> {
  readonly operation: Operation<Input, Output>;
  /** The column of its call. */
  readonly start: number;
  /** The column of its return, or undefined if the outcome is unknown. */
  readonly end: number | undefined;
  /** The column of the client's next call, up to which the row is free for the bar. */
  readonly nextStart: number;
  /** Its number in the linearization, from 1, and its instant there, in columns. */
  readonly point: { readonly number: number; readonly at: number } | undefined;
}

export interface Row<Input, Output> {
  readonly client: number | string;
  readonly bars: readonly Bar<Input, Output>[];
}

export interface Layout<Input, Output> {
  readonly columns: number;
  /** A row for each client, by name. */
  readonly rows: readonly Row<Input, Output>[];
}

export function layOut<Input, Output>(partition: PartitionResult<Input, Output>): Layout<Input, Output> {
  const { operations, known, at, callOf, returnOf } = orderEvents(partition.operations);
  const starts = new Map(operations.map((operation, op) => [operation, callOf[op] ?? 0]));
  const points = pointsOf(partition.linearization, starts);
  const rows = new Map<number | string, Bar<Input, Output>[]>();
  // From the last call to the first, so that each row's next call is known.
  for (const call of at.toReversed()) {
    const operation = operations[call];
    if (operation === undefined) continue;
    const row = rows.get(operation.client) ?? [];
    rows.set(operation.client, row);
    const start = callOf[call] ?? 0;
    const end = call < known ? returnOf[call] : undefined;
    const nextStart = row[0]?.start ?? at.length;
    row.unshift({ operation, start, end, nextStart, point: points.get(operation) });
  }
  const byName = new Intl.Collator("en", { numeric: true });
  return {
    columns: at.length,
    rows: [...rows]
      .map(([client, bars]) => ({ client, bars }))
      .sort((a, b) => byName.compare(String(a.client), String(b.client))),
  };
}

type Point = NonNullable<Bar<unknown, unknown>["point"]>;

/**
 * Each point is as early as its call and the points before it allow. Points in the same column share the space up to
 * the next.
 */
function pointsOf<Input, Output>(
  linearization: readonly Operation<Input, Output>[],
  starts: ReadonlyMap<Operation<Input, Output>, number>,
): Map<Operation<Input, Output>, Point> {
  let column = 0;
  const placed = linearization.map((operation) => {
    column = Math.max(column, starts.get(operation) ?? 0);
    return { operation, column };
  });
  const counts = new Map<number, number>();
  for (const { column } of placed) counts.set(column, (counts.get(column) ?? 0) + 1);
  const used = new Map<number, number>();
  const points = new Map<Operation<Input, Output>, Point>();
  for (const [index, { operation, column }] of placed.entries()) {
    const turn = (used.get(column) ?? 0) + 1;
    used.set(column, turn);
    points.set(operation, { number: index + 1, at: column + turn / ((counts.get(column) ?? 0) + 1) });
  }
  return points;
}
