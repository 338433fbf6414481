import { describe, expect, test } from "vitest";
import { GrowingBytes } from "../../src/kv/growing-bytes.ts";
import { LargePage } from "../../src/kv/large-page.ts";
import { bytes, join, text } from "./history.ts";

const MAX = 1 << 20;

describe("a growing buffer", () => {
  test("grows in place, and copies once for each doubling", () => {
    let buffer = GrowingBytes.of(new Uint8Array(100));
    let copies = 0;
    for (let length = 100; length < 100_000; length++) {
      const next = buffer.append(length, Uint8Array.of(length), MAX);
      if (next !== buffer) copies++;
      buffer = next;
    }
    expect(copies).toBe(10);
    expect(buffer.view(100_000).every((byte, at) => at < 100 || byte === at % 256)).toBe(true);
  });

  test("gives separate bytes to two values with the same end that both grow", () => {
    const start = GrowingBytes.of(bytes("start"), 100);
    const one = start.append(5, bytes(" one"), MAX);
    const other = start.append(5, bytes(" other"), MAX);
    expect([text(one.view(9)), text(other.view(11))]).toEqual(["start one", "start other"]);
    expect(one).toBe(start);
    expect(other).not.toBe(start);
  });

  test("never changes a view by a later append, in place or not", () => {
    const buffer = GrowingBytes.of(bytes("abc"), 4);
    const view = buffer.view(3);
    buffer.append(3, bytes("d"), MAX).append(4, bytes("e"), MAX);
    expect(view).toEqual(bytes("abc"));
  });

  test("reserves no more than the limit of a value", () => {
    const buffer = GrowingBytes.of(new Uint8Array(900)).append(900, Uint8Array.of(1), 1000);
    expect(buffer.view(901).buffer.byteLength).toBe(1000);
    expect(buffer.append(901, new Uint8Array(99), 1000)).toBe(buffer);
  });
});

describe("a large page", () => {
  const key = bytes("key");

  test("stays as it was when its value grows, in one line of writes or in two", () => {
    const first = LargePage.of(key, { value: bytes("a"), revision: 1 });
    const second = first.append({ value: bytes("b"), revision: 2 }, MAX);
    const third = second.append({ value: bytes("c"), revision: 3 }, MAX);
    const branch = second.append({ value: bytes("d"), revision: 4 }, MAX);
    const shown = [first, second, third, branch].map((page) => {
      const { value, revision } = page.get(key) ?? {};
      return [text(value), revision, page.valueBytes(key)];
    });
    expect(shown).toEqual([
      ["a", 1, 1],
      ["ab", 2, 2],
      ["abc", 3, 3],
      ["abd", 4, 3],
    ]);
  });

  test("reserves space only after an append, and at most twice its value", () => {
    const value = new Uint8Array(100_000);
    const page = LargePage.of(key, { value, revision: 1 });
    expect(page.get(key)?.value.buffer.byteLength).toBe(100_000);
    const grown = page.append({ value: Uint8Array.of(1), revision: 2 }, MAX);
    expect(grown.get(key)?.value.buffer.byteLength).toBe(200_002);
  });

  test("is read in pieces of 64 KiB, independent of its spare capacity", () => {
    const value = new Uint8Array(200_000).map((_, at) => at);
    const whole = LargePage.of(key, { value, revision: 9 });
    const grown = LargePage.of(key, { value: value.subarray(0, 150_000), revision: 1 }).append(
      { value: value.subarray(150_000), revision: 9 },
      MAX,
    );
    expect([...whole.records()].map(({ length }) => length)).toEqual([19, 65_536, 65_536, 65_536, 3392]);
    expect(Buffer.compare(join(grown.records()), join(whole.records()))).toBe(0);
  });
});

test("a value that fills most of its buffer is not copied; one that would keep a large buffer in memory is", () => {
  const alone = new Uint8Array(1000);
  expect(GrowingBytes.of(alone).view(1000).buffer).toBe(alone.buffer);
  const part = alone.subarray(0, 500);
  expect(GrowingBytes.of(part).view(500).buffer.byteLength).toBe(500);
});
