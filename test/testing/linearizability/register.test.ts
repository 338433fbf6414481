import { expect, test } from "vitest";
import {
  checkLinearizability,
  type Operation,
  type RegisterInput,
  type RegisterOutput,
  registerModel,
} from "../../../src/testing/linearizability/index.ts";
import { op, unknown } from "./recording.ts";

type Recorded = Operation<RegisterInput, RegisterOutput>;
type Span = readonly [number, number];

const write = (client: number, span: Span, value: string): Recorded =>
  op(client, span, { type: "write", value }, { type: "written" });
const read = (client: number, span: Span, value: string | undefined): Recorded =>
  op(client, span, { type: "read" }, { type: "value", value });
const cas = (
  client: number,
  span: Span,
  [from, to]: readonly [string, string],
  type: "written" | "mismatch",
): Recorded => op(client, span, { type: "cas", from, to }, { type });

function verdict(...history: Recorded[]): string {
  return checkLinearizability(history, registerModel).verdict;
}

test("a history without operations is linearizable", () => {
  expect(verdict()).toBe("linearizable");
});

test("a read before the first write finds nothing", () => {
  expect(verdict(read(1, [0, 1], undefined), write(1, [2, 3], "a"))).toBe("linearizable");
  expect(verdict(read(1, [0, 1], "a"), write(1, [2, 3], "a"))).toBe("illegal");
});

test("a read that returns an overwritten value is stale", () => {
  const writes = [write(1, [0, 1], "a"), write(1, [2, 3], "b")];
  expect(verdict(...writes, read(2, [4, 5], "b"))).toBe("linearizable");
  expect(verdict(...writes, read(2, [4, 5], "a"))).toBe("illegal");
});

test("a read that overlaps a write finds either value, but no read after it goes back", () => {
  const writes = [write(1, [0, 1], "a"), write(1, [2, 9], "b")];
  expect(verdict(...writes, read(2, [3, 4], "a"), read(2, [5, 6], "b"))).toBe("linearizable");
  expect(verdict(...writes, read(2, [3, 4], "b"), read(3, [5, 6], "a"))).toBe("illegal");
});

test("equal times are concurrent", () => {
  const first = write(1, [0, 1], "a");
  expect(verdict(first, write(1, [2, 3], "b"), read(2, [3, 4], "a"))).toBe("linearizable");
  expect(verdict(first, write(1, [2, 3], "b"), read(2, [3.5, 4], "a"))).toBe("illegal");
  expect(verdict(first, read(2, [2, 2], "b"), write(1, [2, 2], "b"))).toBe("linearizable");
});

test("a write of unknown outcome may take effect at any later time", () => {
  const history = [write(1, [0, 1], "a"), unknown(2, 2, { type: "write", value: "b" } as const)];
  expect(verdict(...history, read(1, [3, 4], "a"), read(1, [90, 91], "b"))).toBe("linearizable");
});

test("a write of unknown outcome may never take effect", () => {
  const history = [write(1, [0, 1], "a"), unknown(2, 2, { type: "write", value: "b" } as const)];
  expect(verdict(...history, read(1, [90, 91], "a"))).toBe("linearizable");
});

test("a write of unknown outcome takes effect once, and not before its call", () => {
  const lost = unknown(2, 2, { type: "write", value: "b" } as const);
  expect(verdict(lost, read(1, [0, 1], "b"))).toBe("illegal");
  const overwritten = [read(1, [3, 4], "b"), write(1, [5, 6], "c")];
  expect(verdict(lost, ...overwritten, read(1, [7, 8], "c"))).toBe("linearizable");
  expect(verdict(lost, ...overwritten, read(1, [7, 8], "b"))).toBe("illegal");
});

test("each of several equal writes of unknown outcome takes effect once", () => {
  const lost = [0, 1].map((client) => unknown(client, client, { type: "write", value: "b" } as const));
  const round = (at: number) => [write(3, [at, at + 1], "a"), read(3, [at + 2, at + 3], "b")];
  expect(verdict(...lost, ...round(10), ...round(20))).toBe("linearizable");
  expect(verdict(...lost, ...round(10), ...round(20), ...round(30))).toBe("illegal");
});

test("a compare-and-set writes if, and only if, it finds its value", () => {
  const first = write(1, [0, 1], "a");
  expect(verdict(first, cas(2, [2, 3], ["a", "b"], "written"), read(1, [4, 5], "b"))).toBe("linearizable");
  expect(verdict(first, cas(2, [2, 3], ["c", "b"], "written"))).toBe("illegal");
  expect(verdict(first, cas(2, [2, 3], ["c", "b"], "mismatch"), read(1, [4, 5], "a"))).toBe("linearizable");
  expect(verdict(first, cas(2, [2, 3], ["a", "b"], "mismatch"))).toBe("illegal");
});

test("a compare-and-set of unknown outcome has an effect only if it finds its value", () => {
  const lost = unknown(2, 2, { type: "cas", from: "a", to: "b" } as const);
  expect(verdict(write(1, [0, 1], "a"), lost, read(1, [3, 4], "b"))).toBe("linearizable");
  expect(verdict(write(1, [0, 1], "c"), lost, read(1, [3, 4], "b"))).toBe("illegal");
  expect(verdict(write(1, [0, 1], "c"), lost, read(1, [3, 4], "c"))).toBe("linearizable");
});

test("a read of unknown outcome proves nothing", () => {
  expect(verdict(unknown(2, 0, { type: "read" } as const), read(1, [3, 4], undefined))).toBe("linearizable");
});

test("an output that doesn't answer its input is refused", () => {
  const wrong: Recorded = op(1, [0, 1], { type: "read" }, { type: "written" });
  expect(() => verdict(wrong)).toThrow(new TypeError('output: one that answers "read", not "written"'));
});
