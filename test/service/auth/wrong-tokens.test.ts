import { describe, expect, test } from "vitest";
import { WrongTokens } from "../../../src/service/auth/wrong-tokens.ts";

describe("wrong tokens", () => {
  test("of an address are refused without a pause five times, then with pauses that double up to a minute", () => {
    let nowMs = 0;
    const wrong = new WrongTokens(() => nowMs);
    const addAfter = (ms: number): number | undefined => {
      nowMs += ms;
      return wrong.add("10.0.0.9");
    };
    expect([1, 2, 3, 4, 5].map(() => addAfter(1))).toEqual(Array(5).fill(undefined));
    expect(addAfter(1)).toBe(1000);
    expect(addAfter(400)).toBe(600);
    const pauses = [addAfter(600)];
    while (pauses.length < 8) pauses.push(addAfter(pauses.at(-1) ?? 0));
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("are forgotten 10 s after the last one, and after the pause", () => {
    let nowMs = 0;
    const wrong = new WrongTokens(() => nowMs);
    for (let count = 0; count < 20; count++) {
      expect(wrong.add("10.0.0.9")).toBeUndefined();
      nowMs += count % 5 === 4 ? 10_000 : 1000;
    }
    for (let count = 0; count < 5; count++) wrong.add("10.0.0.9");
    expect(wrong.add("10.0.0.9")).toBe(1000);
    nowMs += 11_000;
    expect(wrong.add("10.0.0.9")).toBeUndefined();
  });

  test.each([
    ["10.0.0.1", "10.0.0.2", false],
    ["127.0.0.1", "127.0.0.1", true],
    ["10.0.0.1", "::ffff:10.0.0.1", true],
    ["2001:db8::1", "2001:db8::ffff", true],
    ["2001:db8:0:1::1", "2001:db8:0:2::1", false],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::9", true],
    ["::1", "::2", true],
    ["fe80::1%eth0", "fe80::2", true],
    [undefined, undefined, true],
    [undefined, "10.0.0.1", false],
  ])("of %s and %s count together: %s", (one, other, isSame) => {
    const wrong = new WrongTokens(() => 0);
    for (let count = 0; count < 6; count++) wrong.add(one);
    expect(wrong.add(other) !== undefined).toBe(isSame);
  });

  test("of more addresses than are remembered forget the oldest, and take no more memory", () => {
    const wrong = new WrongTokens(() => 0);
    for (let count = 0; count < 6; count++) wrong.add("10.0.0.1");
    for (let count = 0; count < 100_000; count++) wrong.add(`10.1.${count >> 8}.${count & 255}`);
    expect(wrong.size).toBe(1024);
    expect(wrong.add("10.0.0.1")).toBeUndefined();
  });
});
