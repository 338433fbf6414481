import { describe, expect, test } from "vitest";
import {
  checkLinearizability,
  type KeyValueInput,
  type KeyValueOutput,
  keyValueModel,
  type Operation,
} from "../../../src/testing/linearizability/index.ts";
import { op, unknown } from "./recording.ts";

type Recorded = Operation<KeyValueInput, KeyValueOutput>;
type Span = readonly [number, number];

const append = (client: number, span: Span, key: string, value: string): Recorded =>
  op(client, span, { type: "append", key, value }, { type: "written" });
const get = (client: number, span: Span, key: string, value: string): Recorded =>
  op(client, span, { type: "get", key }, { type: "value", value });

/** Concurrent appends whose order only the last get reveals: each order but one is a dead end. */
function hard(key: string, count: number, seen: string): Recorded[] {
  const letters = Array.from("abcdefghijklmnop").slice(0, count);
  const appends = letters.map((letter, client) => append(client, [0, 10], key, letter));
  return [...appends, get(99, [20, 21], key, seen)];
}

describe("the budget", () => {
  const history = hard("x", 8, "hgfedcba");

  test("that runs out leaves a history undecided", () => {
    expect(checkLinearizability(history, keyValueModel, { budget: 5 })).toMatchObject({
      verdict: "undecided",
      configurations: 5,
      partitions: [{ name: "x", verdict: "undecided" }],
    });
  });

  test("that is just enough decides it", () => {
    const { configurations } = checkLinearizability(history, keyValueModel);
    expect(checkLinearizability(history, keyValueModel, { budget: configurations }).verdict).toBe(
      "linearizable",
    );
    expect(checkLinearizability(history, keyValueModel, { budget: configurations - 1 }).verdict).toBe(
      "undecided",
    );
  });

  test("is shared in turns: an illegal key is found though another would use it up", () => {
    const endless = hard("x", 16, "qonmlkjihgfedcba");
    const stale = [append(1, [0, 1], "y", "a"), get(1, [2, 3], "y", "")];
    const budget = 3_000;
    expect(checkLinearizability(endless, keyValueModel, { budget }).verdict).toBe("undecided");
    const { verdict, partitions } = checkLinearizability([...endless, ...stale], keyValueModel, { budget });
    expect(verdict).toBe("illegal");
    expect(partitions.map(({ name }) => name)).toEqual(["y", "x"]);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("can't be %d", (budget) => {
    expect(() => checkLinearizability(history, keyValueModel, { budget })).toThrow(
      new RangeError(`budget: an integer from 1, not ${budget}`),
    );
  });
});

describe("the result", () => {
  test("of a linearizable history holds an order of each partition", () => {
    const lost = unknown(3, 0, { type: "append", key: "x", value: "b" } as const);
    const first = append(1, [0, 4], "x", "a");
    const read = get(2, [1, 5], "x", "ba");
    const { partitions } = checkLinearizability([first, read, lost], keyValueModel);
    expect(partitions).toEqual([
      {
        name: "x",
        verdict: "linearizable",
        operations: [first, read, lost],
        linearization: [lost, first, read],
        stuck: undefined,
      },
    ]);
  });

  test("leaves operations of unknown outcome out of the order if no result shows them", () => {
    const lost = unknown(3, 0, { type: "append", key: "x", value: "b" } as const);
    const read = get(2, [1, 5], "x", "");
    expect(checkLinearizability([lost, read], keyValueModel).partitions[0]?.linearization).toEqual([read]);
  });

  test("of an illegal history holds the longest order found, and the operation that does not fit into it", () => {
    const fine = [append(1, [0, 1], "x", "a"), get(2, [2, 3], "x", "a"), append(1, [4, 5], "x", "b")];
    const stale = get(2, [6, 7], "x", "a");
    const later = get(1, [8, 9], "x", "ab");
    const { partitions } = checkLinearizability([...fine, stale, later], keyValueModel);
    expect(partitions).toMatchObject([{ verdict: "illegal", linearization: fine, stuck: stale }]);
  });
});

describe("times that can't be are refused:", () => {
  const input = { type: "get", key: "x" } as const;
  const output = { type: "value", value: "" } as const;
  const late = Number.POSITIVE_INFINITY;
  test.each([
    ["a call that is not a number", { callAt: Number.NaN, returnAt: 1, output }, "history[0].callAt"],
    ["a call at no time", { callAt: late, returnAt: late, output: undefined }, "history[0].callAt"],
    [
      "a return before the call",
      { callAt: 2, returnAt: 1, output },
      "history[0].returnAt: 2 (its call) or later",
    ],
    ["a return that is not a number", { callAt: 2, returnAt: Number.NaN, output }, "history[0].returnAt"],
    [
      "a known outcome that never returns",
      { callAt: 2, returnAt: late, output },
      "history[0].returnAt: finite",
    ],
    [
      "an unknown outcome that returns",
      { callAt: 2, returnAt: 3, output: undefined },
      "history[0].returnAt: Infinity",
    ],
  ])("%s", (_, times, message) => {
    const check = () => checkLinearizability([{ client: 1, input, ...times }], keyValueModel);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(message);
  });
});
