import { expect, test } from "vitest";
import { ReplyBudget } from "../../../src/kvraft/forwarding/reply-budget.ts";

test("replies are accepted while they fit, smaller ones also after one that did not fit", () => {
  const budget = new ReplyBudget(1000);
  expect([500, 600, 0, 300].map((bytes) => budget.reserve(bytes))).toEqual([true, false, true, true]);
});

test.each([undefined, 8 << 20])(
  "where a transport carries %s it is what every transport carries",
  (limit) => {
    const budget = new ReplyBudget(limit);
    expect([1 << 20, (1 << 20) - 80, 0].map((bytes) => budget.reserve(bytes))).toEqual([true, true, false]);
  },
);
