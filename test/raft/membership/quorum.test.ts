import { expect, test } from "vitest";
import { agreedIndex, majorityOf } from "../../../src/raft/membership/quorum.ts";

test("§5.2 a majority of 1 to 9 voters is more than half of them", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(majorityOf)).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5]);
});

test("§5.3 the agreed index is the highest that a majority has reached", () => {
  expect(agreedIndex([7])).toBe(7);
  expect(agreedIndex([9, 4])).toBe(4);
  expect(agreedIndex([2, 9, 5])).toBe(5);
  expect(agreedIndex([9, 9, 5, 1])).toBe(5);
  expect(agreedIndex([1, 2, 10, 4, 5])).toBe(4);
});
