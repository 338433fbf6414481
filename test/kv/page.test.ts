import { describe, expect, test } from "vitest";
import { Page } from "../../src/kv/page.ts";
import { bytes } from "./history.ts";

const owner = {};
const empty = (): Page => new Page(owner, { records: 0, bytes: 0 });

function pageOf(hashes: readonly number[], valueBytes = 10): Page {
  const page = empty();
  hashes.forEach((hash, i) => {
    page.set(hash, bytes(`key ${i}`), { value: new Uint8Array(valueBytes).fill(i), revision: i });
  });
  return page;
}

describe("a page", () => {
  test("tells keys of one hash apart", () => {
    const page = pageOf([7, 7, 7, 7]);
    expect(page.count).toBe(4);
    expect(page.get(7, bytes("key 2"))).toEqual({ value: new Uint8Array(10).fill(2), revision: 2 });
    expect(page.get(7, bytes("key 4"))).toBeUndefined();
    expect(page.get(8, bytes("key 2"))).toBeUndefined();
  });

  test("holds the same bytes in whatever order its keys came, and whatever their values were before", () => {
    const keys = [3, 1, 3, 0xffffffff, 0].map((hash, i) => [hash, bytes(`key ${i}`)] as const);
    const [one, other] = [empty(), empty()];
    for (const [hash, key] of keys) one.set(hash, key, { value: key, revision: hash });
    for (const revision of [1, 2]) {
      for (const [hash, key] of keys.toReversed()) {
        other.set(hash, key, { value: new Uint8Array(100 / revision), revision });
      }
    }
    for (const [hash, key] of keys) other.set(hash, key, { value: key, revision: hash });
    expect(other.records()).toEqual(one.records());
  });

  test("is parted near the middle of its bytes", () => {
    const page = pageOf([10, 20, 30, 40]);
    page.set(40, bytes("key 3"), { value: new Uint8Array(1000), revision: 9 });
    expect(page.middle()).toBe(3);
    expect(pageOf([10, 20, 30, 40]).middle()).toBe(2);
  });

  test("is parted between two hashes, never within one", () => {
    expect(pageOf([10, 20, 20, 20, 20]).middle()).toBe(1);
    expect(pageOf([10, 10, 10, 20]).middle()).toBe(3);
    expect(pageOf([10, 10, 10]).middle()).toBeUndefined();
    expect(pageOf([10]).middle()).toBeUndefined();
    expect(empty().middle()).toBeUndefined();
  });

  test("shares nothing with a copy of it, whole or in part", () => {
    const page = pageOf([10, 20, 30]);
    const whole = page.copy({});
    const part = page.copy({}, 1);
    const before = page.records().slice();
    whole.set(10, bytes("key 0"), { value: bytes("of another length"), revision: 9 });
    part.set(20, bytes("key 1"), { value: new Uint8Array(10), revision: 9 });
    expect(page.records()).toEqual(before);
    expect([part.count, part.lowestHash]).toEqual([2, 20]);
    expect(part.get(10, bytes("key 0"))).toBeUndefined();
    expect(part.get(30, bytes("key 2"))).toEqual({ value: new Uint8Array(10).fill(2), revision: 2 });
  });

  test("keeps no bytes of the caller's, and gives none of its own", () => {
    const page = empty();
    const [key, value] = [bytes("key"), bytes("value")];
    page.set(1, key, { value, revision: 1 });
    key.fill(0);
    value.fill(0);
    page.get(1, bytes("key"))?.value.fill(0);
    expect(page.get(1, bytes("key"))?.value).toEqual(bytes("value"));
  });
});
