import { expect, test } from "vitest";
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

const key = "x";
const put = (client: number, span: Span, value: string): Recorded =>
  op(client, span, { type: "put", key, value }, { type: "written" });
const append = (client: number, span: Span, value: string): Recorded =>
  op(client, span, { type: "append", key, value }, { type: "written" });
const get = (client: number, span: Span, value: string, of = key): Recorded =>
  op(client, span, { type: "get", key: of }, { type: "value", value });

function verdict(...history: Recorded[]): string {
  return checkLinearizability(history, keyValueModel).verdict;
}

test("a key is empty before the first write", () => {
  expect(verdict(get(1, [0, 1], ""), append(1, [2, 3], "a"), get(1, [4, 5], "a"))).toBe("linearizable");
});

test("an append that a later get misses is lost", () => {
  const appends = [append(1, [0, 1], "a"), append(2, [2, 3], "b")];
  expect(verdict(...appends, get(1, [4, 5], "ab"))).toBe("linearizable");
  expect(verdict(...appends, get(1, [4, 5], "a"))).toBe("illegal");
  expect(verdict(...appends, get(1, [4, 5], "b"))).toBe("illegal");
});

test("an append that a get finds twice was made twice", () => {
  expect(verdict(append(1, [0, 1], "a"), get(1, [2, 3], "aa"))).toBe("illegal");
});

test("concurrent appends take any order, but one order for all", () => {
  const appends = [append(1, [0, 9], "a"), append(2, [0, 9], "b")];
  expect(verdict(...appends, get(3, [10, 11], "ba"), get(4, [10, 11], "ba"))).toBe("linearizable");
  expect(verdict(...appends, get(3, [10, 11], "ba"), get(4, [10, 11], "ab"))).toBe("illegal");
});

test("an append of unknown outcome may take effect late, or never", () => {
  const history = [append(1, [0, 1], "a"), unknown(2, 2, { type: "append", key, value: "b" } as const)];
  const later = [get(1, [3, 4], "a"), append(1, [5, 6], "c")];
  expect(verdict(...history, ...later, get(1, [7, 8], "ac"))).toBe("linearizable");
  expect(verdict(...history, ...later, get(1, [7, 8], "abc"))).toBe("linearizable");
  expect(verdict(...history, ...later, get(1, [7, 8], "ac"), get(1, [9, 10], "acb"))).toBe("linearizable");
  expect(verdict(...history, ...later, get(1, [7, 8], "bac"))).toBe("illegal");
});

test("an overwritten value doesn't come back", () => {
  const history = [put(1, [0, 1], "a"), put(2, [2, 3], "b"), append(1, [4, 5], "c")];
  expect(verdict(...history, get(2, [6, 7], "bc"))).toBe("linearizable");
  expect(verdict(...history, get(2, [6, 7], "ac"))).toBe("illegal");
});

test("keys are checked apart: one that is illegal makes the history illegal", () => {
  const fine = [put(1, [0, 1], "a"), get(1, [2, 3], "a")];
  expect(verdict(...fine, get(2, [0, 1], "", "y"))).toBe("linearizable");
  const { verdict: all, partitions } = checkLinearizability(
    [...fine, get(2, [0, 1], "z", "y")],
    keyValueModel,
  );
  expect(all).toBe("illegal");
  expect(partitions.map((part) => [part.name, part.verdict])).toEqual([
    ["y", "illegal"],
    ["x", "linearizable"],
  ]);
});

test("many appends of unknown outcome cost little", () => {
  const lost = Array.from({ length: 20 }, (_, at) =>
    unknown(at, at, { type: "append", key, value: `<${at}>` } as const),
  );
  const history = [...lost, append(30, [30, 31], "a"), append(31, [30, 31], "b")];
  const found = checkLinearizability([...history, get(30, [40, 41], "<7><3>b<11>a")], keyValueModel);
  expect(found.verdict).toBe("linearizable");
  const missed = checkLinearizability([...history, get(30, [40, 41], "<7><3>b<11>")], keyValueModel);
  expect(missed.verdict).toBe("illegal");
  expect(Math.max(found.configurations, missed.configurations)).toBeLessThan(1_000);
});
