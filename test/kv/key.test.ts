import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareKeys } from "../../src/kv/key.ts";

describe("two keys", () => {
  const anyKey = fc.uint8Array({ maxLength: 5, max: 255 });

  test("are compared byte by byte, at any offset of the first one", () => {
    fc.assert(
      fc.property(anyKey, anyKey, anyKey, anyKey, (before, a, after, b) => {
        const around = Buffer.concat([before, a, after]);
        const compared = compareKeys(around, before.length, before.length + a.length, b);
        expect(Math.sign(compared)).toBe(Buffer.compare(a, b));
      }),
    );
  });
});
