import { expect, test } from "vitest";
import { ReplyBudget } from "../../../src/kvraft/forwarding/reply-budget.ts";

test("replies are taken as long as there is room, smaller ones after one that found none too", () => {
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
