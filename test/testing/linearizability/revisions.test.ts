import { expect, test } from "vitest";
import {
  checkLinearizability,
  type Operation,
  type RevisionedInput,
  type RevisionedOutput,
  revisionedKeyValueModel,
} from "../../../src/testing/linearizability/index.ts";
import { op, unknown } from "./recording.ts";

type Recorded = Operation<RevisionedInput, RevisionedOutput>;

const key = "x";

/** Operations one after the other, each from one whole number to the next half. */
function verdict(...steps: readonly ((at: number) => Recorded)[]): string {
  return checkLinearizability(
    steps.map((step, at) => step(at)),
    revisionedKeyValueModel,
  ).verdict;
}

const put = (value: string, revision: number) => (at: number) =>
  op(1, [at, at + 0.5], { type: "put", key, value } as const, { type: "written", revision } as const);
const append = (value: string, revision: number) => (at: number) =>
  op(1, [at, at + 0.5], { type: "append", key, value } as const, { type: "written", revision } as const);
const get = (value: string | undefined, revision: number) => (at: number) =>
  op(1, [at, at + 0.5], { type: "get", key } as const, { type: "value", value, revision } as const);
const cas = (expectedRevision: number, value: string, revision: number) => (at: number) => {
  const input = { type: "cas", key, expectedRevision, value } as const;
  return op(1, [at, at + 0.5], input, { type: "written", revision } as const);
};
const casFails = (expectedRevision: number, found?: number) => (at: number) => {
  const input = { type: "cas", key, expectedRevision, value: "never" } as const;
  const told = found === undefined ? {} : { revision: found };
  return op(1, [at, at + 0.5], input, { type: "mismatch", ...told } as const);
};
const lostPut = (value: string) => (at: number) => unknown(9, at, { type: "put", key, value } as const);
const lostAppend = (value: string) => (at: number) => unknown(9, at, { type: "append", key, value } as const);
const lostCas = (expectedRevision: number, value: string) => (at: number) =>
  unknown(9, at, { type: "cas", key, expectedRevision, value } as const);

test("a key has revision 0 and no value before the first write", () => {
  expect(verdict(get(undefined, 0), put("a", 1), get("a", 1))).toBe("linearizable");
  expect(verdict(get(undefined, 1))).toBe("illegal");
  expect(verdict(get("", 0))).toBe("illegal");
  expect(verdict(put("a", 0))).toBe("illegal");
});

test("revisions rise with every write of a key", () => {
  expect(verdict(put("a", 3), append("b", 7), get("ab", 7))).toBe("linearizable");
  expect(verdict(put("a", 7), put("b", 3))).toBe("illegal");
  expect(verdict(put("a", 7), append("b", 7))).toBe("illegal");
});

test("revisions order concurrent writes", () => {
  const writes = [put("a", 5)(0), put("b", 4)(0)];
  const check = (...reads: Recorded[]) =>
    checkLinearizability([...writes, ...reads], revisionedKeyValueModel).verdict;
  expect(check(get("a", 5)(1))).toBe("linearizable");
  expect(check(get("b", 4)(1))).toBe("illegal");
});

test("a revision never goes back", () => {
  expect(verdict(put("a", 1), put("b", 2), get("b", 2), get("a", 1))).toBe("illegal");
});

test("a value has one revision, a revision one value", () => {
  expect(verdict(put("a", 1), get("a", 2))).toBe("illegal");
  expect(verdict(lostPut("a"), lostPut("b"), get("a", 5), get("b", 5))).toBe("illegal");
  expect(verdict(lostPut("a"), lostPut("b"), get("a", 5), get("b", 6))).toBe("linearizable");
  expect(verdict(lostPut("a"), get("a", 5), get("a", 6))).toBe("illegal");
});

test("the first get after a write of unknown outcome shows its revision", () => {
  expect(verdict(put("a", 1), lostPut("b"), get("b", 9), get("b", 9), put("c", 10))).toBe("linearizable");
  expect(verdict(put("a", 1), lostPut("b"), get("b", 9), put("c", 9))).toBe("illegal");
  expect(verdict(put("a", 1), lostPut("b"), get("b", 1))).toBe("illegal");
});

test("writes of unknown outcome need a revision each", () => {
  const lost = [put("a", 1), lostAppend("b"), lostAppend("c")];
  expect(verdict(...lost, get("abc", 3))).toBe("linearizable");
  expect(verdict(...lost, get("abc", 2))).toBe("illegal");
  expect(verdict(...lost, append("d", 3), get("abcd", 3))).toBe("illegal");
  expect(verdict(...lost, append("d", 4), get("abcd", 4))).toBe("linearizable");
});

test("a write of unknown outcome may never take effect", () => {
  expect(verdict(put("a", 1), lostPut("b"), put("c", 2), get("c", 2))).toBe("linearizable");
});

test("a compare-and-set writes if, and only if, it finds its revision", () => {
  expect(verdict(cas(0, "a", 1), cas(1, "b", 2), get("b", 2))).toBe("linearizable");
  expect(verdict(put("a", 1), cas(0, "b", 2))).toBe("illegal");
  expect(verdict(put("a", 1), put("b", 2), cas(1, "c", 3))).toBe("illegal");
  expect(verdict(put("a", 1), put("b", 2), casFails(1), get("b", 2))).toBe("linearizable");
  expect(verdict(put("a", 1), casFails(1))).toBe("illegal");
});

test("a mismatch may show the revision that it found", () => {
  expect(verdict(put("a", 1), put("b", 2), casFails(1, 2))).toBe("linearizable");
  expect(verdict(put("a", 1), put("b", 2), casFails(1, 3))).toBe("illegal");
  expect(verdict(put("a", 1), lostPut("b"), casFails(1, 3), get("b", 3))).toBe("linearizable");
  expect(verdict(put("a", 1), lostPut("b"), casFails(1, 3), get("b", 4))).toBe("illegal");
  expect(verdict(put("a", 1), lostPut("b"), casFails(1, 3), get("a", 1))).toBe("illegal");
});

test("a mismatch shows that a write of unknown outcome took effect, though no get saw it", () => {
  expect(verdict(put("a", 1), lostPut("b"), casFails(1), put("c", 3))).toBe("linearizable");
  expect(verdict(put("a", 1), lostPut("b"), casFails(1), put("c", 2))).toBe("illegal");
  expect(verdict(put("a", 1), casFails(1), lostPut("b"))).toBe("illegal");
});

test("a mismatch rules a revision out for a write of unknown outcome", () => {
  const lost = [put("a", 1), lostPut("b"), casFails(1), casFails(2)];
  expect(verdict(...lost, get("b", 2))).toBe("illegal");
  expect(verdict(...lost, get("b", 3))).toBe("linearizable");
  expect(verdict(...lost, casFails(4), get("b", 4))).toBe("illegal");
  expect(verdict(...lost, casFails(4), put("c", 3))).toBe("illegal");
});

test("a revision ruled out for one write of unknown outcome may be that of the next", () => {
  const lost = [put("a", 1), lostPut("b"), lostPut("c"), casFails(1), casFails(5)];
  expect(verdict(...lost, casFails(1, 5))).toBe("linearizable");
  expect(verdict(...lost, casFails(1, 5), casFails(1, 4))).toBe("illegal");
});

test("a compare-and-set that found its revision shows that of a write of unknown outcome", () => {
  expect(verdict(put("a", 1), lostPut("b"), cas(4, "c", 5), get("c", 5))).toBe("linearizable");
  expect(verdict(put("a", 1), lostPut("b"), cas(4, "c", 5), get("b", 4))).toBe("illegal");
});

test("a compare-and-set of unknown outcome has an effect only if it finds its revision", () => {
  expect(verdict(put("a", 1), lostCas(1, "b"), get("b", 2))).toBe("linearizable");
  expect(verdict(put("a", 1), lostCas(1, "b"), get("a", 1))).toBe("linearizable");
  expect(verdict(put("a", 1), lostCas(3, "b"), get("b", 4))).toBe("illegal");
  expect(verdict(put("a", 1), lostPut("c"), lostCas(3, "b"), get("b", 4))).toBe("linearizable");
  expect(verdict(put("a", 1), lostPut("c"), lostCas(3, "b"), get("b", 3))).toBe("illegal");
});

test("an output that doesn't answer its input is refused", () => {
  const wrong = [
    op(1, [0, 1], { type: "get", key } as const, { type: "written", revision: 1 } as const),
    op(1, [0, 1], { type: "put", key, value: "" } as const, { type: "mismatch" } as const),
    op(1, [0, 1], { type: "append", key, value: "" } as const, { type: "mismatch" } as const),
  ];
  for (const operation of wrong) {
    const history: Recorded[] = [operation];
    expect(() => checkLinearizability(history, revisionedKeyValueModel)).toThrow(TypeError);
  }
});
