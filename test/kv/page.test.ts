import { describe, expect, test } from "vitest";
import { Page } from "../../src/kv/page.ts";
import { bytes } from "./history.ts";

const owner = {};
const empty = (): Page => new Page(owner, { records: 0, bytes: 0 });

/** One record for each key, in this order. The value is the record's position. */
function pageOf(keys: readonly string[], valueBytes = 10): Page {
  const page = empty();
  keys.forEach((key, i) => {
    page.set(bytes(key), { value: new Uint8Array(valueBytes).fill(i), revision: i });
  });
  return page;
}

describe("a page", () => {
  test("finds the keys that it holds, and no others", () => {
    const page = pageOf(["c", "a", "cc", ""]);
    expect(page.count).toBe(4);
    expect(page.get(bytes("cc"))).toEqual({ value: new Uint8Array(10).fill(2), revision: 2 });
    expect(page.get(bytes("b"))).toBeUndefined();
    expect(empty().get(bytes(""))).toBeUndefined();
  });

  test("knows whether a key is before all of its keys, or its last", () => {
    const page = pageOf(["b", "d", "c"]);
    expect(["a", "b", "c", "e"].map((key) => page.isBefore(bytes(key)))).toEqual([true, false, false, false]);
    expect(["b", "c", "d", "e"].map((key) => page.endsWith(bytes(key)))).toEqual([false, false, true, false]);
    expect([empty().isBefore(bytes("")), empty().endsWith(bytes(""))]).toEqual([false, false]);
  });

  test("has the same bytes for any order of its keys and any earlier values", () => {
    const keys = ["d", "b", "da", "z", ""].map(bytes);
    const [one, other] = [empty(), empty()];
    for (const key of keys) one.set(key, { value: key, revision: 7 });
    for (const revision of [1, 2]) {
      for (const key of keys.toReversed())
        other.set(key, { value: new Uint8Array(100 / revision), revision });
    }
    for (const key of keys) other.set(key, { value: key, revision: 7 });
    expect(other.records()).toEqual(one.records());
  });

  test("is parted near the middle of its bytes", () => {
    const page = pageOf(["a", "b", "c", "d"]);
    expect(page.middle()).toBe(2);
    page.set(bytes("d"), { value: new Uint8Array(1000), revision: 9 });
    expect(page.middle()).toBe(3);
    page.set(bytes("a"), { value: new Uint8Array(9000), revision: 9 });
    expect(page.middle()).toBe(1);
    expect([pageOf(["a"]).middle(), empty().middle()]).toEqual([undefined, undefined]);
  });

  test("frees space if a value becomes much shorter", () => {
    const page = pageOf(["a", "b", "c"]);
    page.set(bytes("b"), { value: new Uint8Array(1 << 20).fill(7), revision: 8 });
    page.set(bytes("b"), { value: new Uint8Array(10).fill(1), revision: 1 });
    expect(page.records()).toEqual(pageOf(["a", "b", "c"]).records());
    expect(page.records().buffer.byteLength).toBeLessThan(1000);
  });

  test("shares nothing with a copy of it, whole or in part", () => {
    const page = pageOf(["a", "b", "c"]);
    const whole = page.copy({});
    const part = page.copy({}, 1);
    const before = page.records().slice();
    whole.set(bytes("a"), { value: bytes("of another length"), revision: 9 });
    part.set(bytes("b"), { value: new Uint8Array(10), revision: 9 });
    expect(page.records()).toEqual(before);
    expect(part.count).toBe(2);
    expect(part.get(bytes("a"))).toBeUndefined();
    expect(part.get(bytes("c"))).toEqual({ value: new Uint8Array(10).fill(2), revision: 2 });
  });

  test("keeps no bytes of the caller, and exposes none of the page", () => {
    const page = empty();
    const [key, value] = [bytes("key"), bytes("value")];
    page.set(key, { value, revision: 1 });
    key.fill(0);
    value.fill(0);
    page.get(bytes("key"))?.value.fill(0);
    expect(page.get(bytes("key"))?.value).toEqual(bytes("value"));
  });
});
