import type { Model, Operation } from "../../../src/testing/linearizability/index.ts";
import type { ChaosOperation } from "../history.ts";
import type { Observations, Reign } from "./reigns.ts";

/**
 * The operations of one key, reduced for the checker. Gets determine the position of each observed write: right after
 * the one it was observed behind. A state is a position, as a number; `UNSEEN` is any value that no get returned.
 */
export type PlaceInput =
  | { readonly type: "get"; readonly place: number }
  /** An observed write. `before` is undefined for a put, which may follow any value that does not grow further. */
  | { readonly type: "shown"; readonly before: number | undefined; readonly place: number }
  /** An acknowledged write that no get observed: its value was overwritten, or grew no further, before a get. */
  | { readonly type: "unseen" };

export type PlaceOutput = "done";

const UNSEEN = -1;

export interface Placed {
  readonly model: Model<number, PlaceInput, PlaceOutput>;
  readonly operations: readonly Operation<PlaceInput, PlaceOutput>[];
}

/** @returns undefined if times alone exclude any order */
export function place(
  history: readonly ChaosOperation[],
  { reigns, gets }: Observations,
): Placed | undefined {
  const first = new Map<Reign, number>();
  const isLast = new Set<number>([UNSEEN]);
  let next = 0;
  for (const reign of reigns) {
    first.set(reign, next);
    next += reign.appends.length;
    isLast.add(next);
    next++;
  }
  const placeOf = (reign: Reign, length: number) => (first.get(reign) ?? 0) + length;
  const operations: Operation<PlaceInput, PlaceOutput>[] = [];
  for (const { get, reign, length } of gets) {
    const { client, callAt, returnAt } = get;
    operations.push({
      client,
      callAt,
      returnAt,
      output: "done",
      input: { type: "get", place: placeOf(reign, length) },
    });
  }
  const shownBy = firstReturns(gets);
  const shown = new Set<ChaosOperation>();
  for (const reign of reigns) {
    const spans = spansOf(reign, shownBy);
    if (spans === undefined) return undefined;
    for (const { write, position, callAt, returnAt } of spans) {
      shown.add(write);
      const at = placeOf(reign, position);
      const before = position === 0 ? undefined : at - 1;
      const input = { type: "shown", before, place: at } as const;
      operations.push({ client: write.client, callAt, returnAt, output: "done", input });
    }
  }
  for (const write of history) {
    if (write.action.type === "get" || write.outcome !== "ok" || shown.has(write)) continue;
    const { client, callAt, returnAt } = write;
    operations.push({ client, callAt, returnAt, output: "done", input: { type: "unseen" } });
  }
  return { operations, model: modelOfPlaces(isLast) };
}

interface Span {
  readonly write: ChaosOperation;
  /** 0 for the put, from 1 for the appends. */
  readonly position: number;
  callAt: number;
  returnAt: number;
}

/** Returns when each write of a reign took effect: in their order, and before the return of a get that observed it. */
function spansOf(reign: Reign, shownBy: ReadonlyMap<Reign, readonly number[]>): readonly Span[] | undefined {
  const returns = shownBy.get(reign) ?? [];
  const writes = [reign.head, ...reign.appends];
  const spans = writes.flatMap((write, position): Span[] => {
    if (write === undefined) return [];
    const answeredAt = write.outcome === "ok" ? write.returnAt : Number.POSITIVE_INFINITY;
    const returnAt = Math.min(answeredAt, ...returns.slice(position));
    return [{ write, position, callAt: write.callAt, returnAt }];
  });
  for (const [at, span] of spans.entries()) span.callAt = Math.max(span.callAt, spans[at - 1]?.callAt ?? 0);
  for (const [at, span] of [...spans.entries()].reverse()) {
    span.returnAt = Math.min(span.returnAt, spans[at + 1]?.returnAt ?? Number.POSITIVE_INFINITY);
  }
  return spans.every(({ callAt, returnAt }) => callAt <= returnAt) ? spans : undefined;
}

/** By reign and length: when the first get that observed this length returned; Infinity if none did. */
function firstReturns(gets: Observations["gets"]): Map<Reign, number[]> {
  const byReign = new Map<Reign, number[]>();
  for (const { get, reign, length } of gets) {
    const returns =
      byReign.get(reign) ?? Array.from({ length: reign.appends.length + 1 }, () => Number.POSITIVE_INFINITY);
    returns[length] = Math.min(returns[length] ?? Number.POSITIVE_INFINITY, get.returnAt);
    byReign.set(reign, returns);
  }
  return byReign;
}

/** @param isLast the positions after which another value may follow */
function modelOfPlaces(isLast: ReadonlySet<number>): Model<number, PlaceInput, PlaceOutput> {
  return {
    name: "places",
    initial: () => 0,
    step(state, input) {
      switch (input.type) {
        case "get":
          return input.place === state ? state : undefined;
        case "shown":
          if (input.before === undefined) return isLast.has(state) ? input.place : undefined;
          return input.before === state ? input.place : undefined;
        case "unseen":
          return isLast.has(state) ? UNSEEN : undefined;
      }
    },
    key: (state) => state,
    readOnly: ({ type }) => type === "get",
    describe: (input) => (input.type === "unseen" ? "unseen" : `${input.type} ${input.place}`),
  };
}
