import { expect, test } from "vitest";
import { checkLinearizability, modelOf } from "../../../src/testing/linearizability/index.ts";
import { op, unknown } from "./recording.ts";

const noItems: readonly string[] = [];
const queue = modelOf({
  name: "queue",
  initial: noItems,
  apply(items, input: { readonly push: string } | "pop") {
    if (input !== "pop") return { state: [...items, input.push], output: "pushed" };
    return { state: items.slice(1), output: items[0] ?? null };
  },
});

test("a queue is checked by its state machine alone", () => {
  const pushes = [op(1, [0, 9], { push: "a" }, "pushed"), op(2, [0, 9], { push: "b" }, "pushed")];
  const pops = (first: string | null, second: string | null) => [
    op(1, [10, 11], "pop" as const, first),
    op(1, [12, 13], "pop" as const, second),
  ];
  expect(checkLinearizability([...pushes, ...pops("b", "a")], queue).verdict).toBe("linearizable");
  expect(checkLinearizability([...pushes, ...pops("b", null)], queue).verdict).toBe("illegal");
});

test("outputs are compared by their contents", () => {
  const pair = modelOf({
    name: "pair",
    initial: { a: 1, b: [2, null] },
    apply: (state, _input: "read") => ({ state, output: state }),
    readOnly: () => true,
  });
  const read = (output: { a: number; b: (number | null)[] }) => [op(1, [0, 1], "read" as const, output)];
  expect(checkLinearizability(read({ b: [2, null], a: 1 }), pair).verdict).toBe("linearizable");
  expect(checkLinearizability(read({ a: 1, b: [2, 0] }), pair).verdict).toBe("illegal");
});

test("the cost of equal inputs of unknown outcome grows only with their number", () => {
  const counter = modelOf({
    name: "counter",
    initial: 0,
    apply: (count, input: "add" | "read") => {
      const state = input === "add" ? count + 1 : count;
      return { state, output: state };
    },
  });
  const lost = Array.from({ length: 40 }, (_, client) => unknown(client, client, "add" as const));
  const read = (count: number) => op(99, [100, 101], "read" as const, count);
  expect(checkLinearizability([...lost, read(20)], counter)).toMatchObject({ verdict: "linearizable" });
  expect(checkLinearizability([...lost, read(41)], counter)).toMatchObject({
    verdict: "illegal",
    configurations: 40,
  });
});

test.each([[new Map()], [[() => 1]], [{ at: new Date(0) }]])("a state like %o is refused", (initial) => {
  const hidden = modelOf({
    name: "hidden",
    initial,
    apply: (state, _input: "read") => ({ state, output: 1 }),
  });
  const check = () => checkLinearizability([op(1, [0, 1], "read" as const, 1)], hidden);
  expect(check).toThrow(TypeError);
  expect(check).toThrow("state: plain data (primitives, arrays, plain objects), not ");
});

test("describes operations by their data", () => {
  expect(queue.describe({ push: "a" }, "pushed")).toBe('{"push":"a"} → pushed');
  expect(queue.describe("pop", undefined)).toBe("pop → ?");
});
