import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StateHash } from "../../src/kvraft/state-hash.ts";

function hashOf(bytes: Uint8Array, seed = 0): string {
  const hash = new StateHash(seed);
  hash.update(bytes);
  return hash.digest();
}

/** The four words as the reference writes them to memory, least significant byte first. */
function inMemory(hex: string): Buffer {
  return Buffer.from(hex, "hex").swap32();
}

describe("the hash of a state", () => {
  test("is MurmurHash3_x86_128: it has SMHasher's verification value", () => {
    const hashes = Array.from({ length: 256 }, (_, length) => {
      const key = Uint8Array.from({ length }, (_, at) => at);
      return inMemory(hashOf(key, 256 - length));
    });
    expect(inMemory(hashOf(Buffer.concat(hashes))).readUInt32LE(0)).toBe(0xb3ece62a);
  });

  test("depends neither on how the bytes are cut nor on their position in a buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat({ max: 40 })), (bytes, sizes) => {
        const hash = new StateHash();
        let at = 0;
        for (const size of sizes) {
          hash.update(bytes.subarray(at, at + size));
          at = Math.min(at + size, bytes.length);
        }
        hash.update(bytes.subarray(at));
        expect(hash.digest()).toBe(hashOf(Uint8Array.from(bytes)));
      }),
    );
  });

  test("changes with every bit", () => {
    const bytes = new Uint8Array(37);
    const hashes = new Set([hashOf(bytes)]);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const other = bytes.slice();
      other[bit >> 3] = 1 << (bit & 7);
      hashes.add(hashOf(other));
    }
    expect(hashes.size).toBe(8 * bytes.length + 1);
  });
});
