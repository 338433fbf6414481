import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareKeys } from "../../src/kv/key.ts";
import { headOf, KeyHeads, type SortedKeys } from "../../src/kv/key-heads.ts";
import { bytes } from "./history.ts";

/** Sorted keys in an array, which counts how often a search reads one of them. */
class Keys implements SortedKeys {
  readonly list: Uint8Array[] = [];
  reads = 0;

  compareKey(at: number, key: Uint8Array): number {
    this.reads++;
    const own = this.keyAt(at);
    return compareKeys(own, 0, own.length, key);
  }

  headAt(at: number, shared: number): number {
    return headOf(this.keyAt(at), shared, this.keyAt(at).length);
  }

  keyAt(at: number): Uint8Array {
    return this.list[at] ?? new Uint8Array();
  }
}

/** Returns the heads of the keys, inserted one by one in this order. */
function inserted(keys: Keys, added: readonly Uint8Array[]): KeyHeads {
  const heads = new KeyHeads(0);
  for (const key of added) {
    const at = heads.lowerBound(key, keys);
    if (heads.isAt(at, key, keys)) continue;
    keys.list.splice(at, 0, key);
    heads.inserted(at, key, keys);
  }
  return heads;
}

const byBytes = (one: Uint8Array, other: Uint8Array): number => Buffer.compare(one, other);

/** With few different bytes, so that many keys share their first ones or are the start of another one. */
const anyKey = fc
  .array(fc.constantFrom(0, 1, 97, 255), { maxLength: 9 })
  .map((values) => Uint8Array.from(values));
const anyPrefix = fc.uint8Array({ maxLength: 12 });

describe("heads of keys", () => {
  test("find every key, and the position of every other one, in any order of insertion", () => {
    fc.assert(
      fc.property(anyPrefix, fc.array(anyKey, { maxLength: 60 }), anyKey, (prefix, added, other) => {
        const keys = new Keys();
        const full = added.map((key) => Uint8Array.from([...prefix, ...key]));
        const heads = inserted(keys, full);
        expect(keys.list).toEqual([...keys.list].sort(byBytes));
        const all = [heads, heads.copy(0), KeyHeads.of(keys, keys.list.length)];
        for (const asked of [...full, other, prefix, Uint8Array.from([...prefix, ...other])]) {
          const expected = keys.list.filter((key) => byBytes(key, asked) < 0).length;
          const isHere = keys.list.some((key) => byBytes(key, asked) === 0);
          for (const each of all) {
            expect(each.lowerBound(asked, keys)).toBe(expected);
            expect(each.isAt(expected, asked, keys)).toBe(isHere);
          }
        }
      }),
    );
  });

  test("spare a search nearly all keys, even if all keys begin with the same bytes", () => {
    const keys = new Keys();
    const names = Array.from({ length: 1000 }, (_, i) => bytes(`user:profile:${String(i).padStart(4, "0")}`));
    const heads = inserted(keys, names);
    keys.reads = 0;
    for (const name of names) heads.lowerBound(name, keys);
    expect(keys.reads).toBeLessThanOrEqual(names.length);
  });

  test("stay right when a key is replaced by an earlier one that shares less", () => {
    const keys = new Keys();
    const heads = inserted(keys, ["key-20", "key-30", "key-40"].map(bytes));
    keys.list[0] = bytes("a");
    heads.changed(0, bytes("a"), keys);
    expect(["a", "b", "key-20", "key-30", "z"].map((key) => heads.lowerBound(bytes(key), keys))).toEqual([
      0, 1, 1, 1, 3,
    ]);
  });
});
