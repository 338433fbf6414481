import { expect, test } from "vitest";
import { encodeReplies } from "../../../src/kvraft/forwarding/batch-codec.ts";
import { ReplyBudget } from "../../../src/kvraft/forwarding/reply-budget.ts";

test("replies are accepted while they fit, smaller ones also after one that did not fit", () => {
  const budget = new ReplyBudget(4, 1004);
  expect([500, 600, 0, 300].map((bytes) => budget.reserve(bytes))).toEqual([true, false, true, true]);
});

test.each([undefined, 8 << 20])(
  "where a transport carries %s it is what every transport carries",
  (limit) => {
    const budget = new ReplyBudget(3, limit);
    expect([1 << 20, (1 << 20) - 83, 0].map((bytes) => budget.reserve(bytes))).toEqual([true, true, false]);
  },
);

test("a value and a thousand omitted replies fit into the message", () => {
  const limitBytes = 64 << 10;
  const budget = new ReplyBudget(1000, limitBytes);
  let valueBytes = limitBytes;
  while (!budget.reserve(valueBytes)) valueBytes--;
  const value = {
    type: "value",
    value: new Uint8Array(valueBytes),
    revision: Number.MAX_SAFE_INTEGER,
  } as const;
  const omitted = Array.from({ length: 999 }, () => undefined);
  expect(encodeReplies([value, ...omitted]).length).toBeLessThanOrEqual(limitBytes);
});
