import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyFromBytes, writeKey } from "../../src/kv/key.ts";

function bytesOf(key: string): Uint8Array {
  const target = new Uint8Array(key.length);
  writeKey(key, target, 0);
  return target;
}

const anyKey = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40, max: 127 }));

describe("a key", () => {
  test("keeps every byte", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(bytesOf(keyFromBytes(key))).toEqual(key);
      }),
    );
  });

  test("has one character for each byte, also where windows-1252 differs from latin1", () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect([...keyFromBytes(all)].map((char) => char.charCodeAt(0))).toEqual([...all]);
  });

  test("is ordered as its bytes are", () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        const byBytes = Buffer.compare(a, b);
        const [x, y] = [keyFromBytes(a), keyFromBytes(b)];
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(byBytes);
      }),
    );
  });

  test.each([65, 200])("may be long (bytes of %i)", (byte) => {
    const long = new Uint8Array(300_000).fill(byte);
    expect(Buffer.compare(bytesOf(keyFromBytes(long)), long)).toBe(0);
  });

  test("that looks like a byte order mark is kept whole", () => {
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf, 65);
    expect(bytesOf(keyFromBytes(mark))).toEqual(mark);
  });
});
