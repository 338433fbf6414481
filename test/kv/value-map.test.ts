import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StoredValue } from "../../src/kv/page.ts";
import { ValueMap } from "../../src/kv/value-map.ts";
import { bytes, join } from "./history.ts";

interface Write {
  readonly type: "set" | "append";
  readonly key: number;
  readonly valueBytes: number;
}

const KEYS = 300;
const MAX_VALUE_BYTES = 60_000;
/** Some are larger than a page. */
const valueBytes = fc.oneof(
  { weight: 20, arbitrary: fc.nat({ max: 300 }) },
  { weight: 1, arbitrary: fc.nat({ max: 40_000 }) },
);
/** Few keys are written often, so that their values grow. */
const key = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: KEYS - 1 }));
const write: fc.Arbitrary<Write> = fc.record({
  type: fc.constantFrom("set", "append"),
  key,
  valueBytes,
});
const anyWrites = fc.array(write, { size: "large", maxLength: 400 });

const keyOf = (key: number): Uint8Array => bytes(`key ${key}`);

/** The value of each key. */
type Model = Map<number, { readonly value: Buffer; readonly revision: number }>;

function expectSame(map: ValueMap, model: Model): void {
  expect(map.size).toBe(model.size);
  for (let key = 0; key < KEYS; key++) {
    const expected = model.get(key);
    const found = map.get(keyOf(key));
    expect(found?.revision).toBe(expected?.revision);
    expect(map.valueBytes(keyOf(key))).toBe(expected?.value.length ?? 0);
    expect(Buffer.compare(found?.value ?? bytes(""), expected?.value ?? bytes(""))).toBe(0);
  }
}

let revision = 0;
function perform(map: ValueMap, model: Model, { type, key, valueBytes }: Write): void {
  revision++;
  const added = { value: new Uint8Array(valueBytes).fill(revision), revision };
  const before = type === "append" ? model.get(key)?.value : undefined;
  const value = Buffer.concat([before ?? bytes(""), added.value]);
  if (type === "set") map.set(keyOf(key), added);
  else if (map.append(keyOf(key), added, MAX_VALUE_BYTES) !== value.length <= MAX_VALUE_BYTES) {
    throw new Error(`an append to ${value.length} bytes was judged wrongly`);
  }
  if (value.length <= MAX_VALUE_BYTES) model.set(key, { value, revision });
}

/** Enough for hundreds of pages. */
function many(keys: readonly number[]): ValueMap {
  const map = new ValueMap();
  for (const key of keys) map.set(keyOf(key), { value: new Uint8Array(key % 200), revision: key });
  return map;
}

/** As a snapshot holds it: revision 1, the lengths, the key, and the key as the value. */
function recordOf(key: Uint8Array): Uint8Array {
  const lengths = [0, 0, 0, key.length];
  return Uint8Array.of(0x3f, 0xf0, 0, 0, 0, 0, 0, 0, ...lengths, ...lengths, ...key, ...key);
}

describe("a map of values", () => {
  test("holds all puts and appends, and so do its independent clones; values that were read never change", () => {
    const clone = fc.record({ type: fc.constant("clone"), of: fc.nat(), writes: anyWrites });
    fc.assert(
      fc.property(anyWrites, fc.array(clone, { maxLength: 4 }), anyWrites, (first, clones, last) => {
        const all: [ValueMap, Model][] = [[new ValueMap(), new Map()]];
        const reads: [StoredValue | undefined, StoredValue | undefined][] = [];
        const writeTo = (at: number, writes: readonly Write[]) => {
          const [map, model] = all[at % all.length] ?? [new ValueMap(), new Map()];
          for (const write of writes) {
            perform(map, model, write);
            reads.push([map.get(keyOf(write.key)), model.get(write.key)]);
          }
        };
        writeTo(0, first);
        for (const { of, writes } of clones) {
          const [map, model] = all[of % all.length] ?? [new ValueMap(), new Map()];
          all.push([map.clone(), new Map(model)]);
          writeTo(of, writes);
        }
        all.forEach((_, at) => {
          writeTo(at, last);
        });
        for (const [map, model] of all) expectSame(map, model);
        const changed = reads.filter(
          ([read, then]) => Buffer.compare(read?.value ?? bytes(""), then?.value ?? bytes("")) !== 0,
        );
        expect(changed).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test("yields the same bytes for the same values, independent of its history and its page splits", () => {
    fc.assert(
      fc.property(anyWrites, fc.infiniteStream(fc.nat()), (writes, random) => {
        const [map, model]: [ValueMap, Model] = [new ValueMap(), new Map()];
        for (const write of writes) perform(map, model, write);
        const shuffled = [...model]
          .map((entry) => [random.next().value, entry] as const)
          .toSorted(([a], [b]) => a - b);
        const other = new ValueMap();
        for (const [, [key, stored]] of shuffled) other.set(keyOf(key), stored);
        expect(Buffer.compare(join(other.records()), join(map.records()))).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("grows to many pages, each of whole records, and finds everything on them", () => {
    const keys = Array.from({ length: 20_000 }, (_, key) => key);
    const map = many(keys);
    expect(map.size).toBe(keys.length);
    const pieces = [...map.records()];
    expect(pieces.length).toBeGreaterThan(100);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(16 * 1024);
    const missing = keys.filter((key) => map.get(keyOf(key))?.revision !== key);
    expect(missing).toEqual([]);
    expect(map.get(bytes("key -1"))).toBeUndefined();
    expect(Buffer.compare(join(many(keys.toReversed()).records()), join(pieces))).toBe(0);
  });

  test.each([
    ["rising", (n: number) => n],
    ["falling", (n: number) => 1000 - n],
  ])("keeps a value larger than a page apart from its neighbours, in %s order", (_, order) => {
    const map = new ValueMap();
    map.set(bytes("key"), { value: new Uint8Array(1 << 20), revision: 1 });
    for (let n = 0; n < 1000; n++) map.set(keyOf(order(n)), { value: new Uint8Array(10), revision: 1 });
    map.set(bytes("a"), { value: new Uint8Array(10), revision: 1 });
    const sizes = [...map.records()].map(({ length }) => length);
    expect(sizes.filter((size) => size <= 16 * 1024).length).toBeLessThan(10);
    expect(sizes.filter((size) => size > 16 * 1024)).toEqual(new Array(16).fill(64 * 1024));
    expect(map.size).toBe(1002);
  });

  test("splits a page for a value that outgrows it, at any position, and keeps its neighbours", () => {
    for (const grown of [0, 1, 50, 98, 99]) {
      const [map, model]: [ValueMap, Model] = [new ValueMap(), new Map()];
      for (let key = 0; key < 100; key++) perform(map, model, { type: "set", key, valueBytes: 100 });
      for (const valueBytes of [20_000, 0, 20_000, 30_000]) {
        perform(map, model, { type: "append", key: grown, valueBytes });
        expectSame(map, model);
      }
      perform(map, model, { type: "set", key: grown, valueBytes: 50 });
      expectSame(map, model);
    }
  });

  test("is ordered by the keys, byte by byte", () => {
    const keys = ["b", "", "ab", "a", "\u00fc", "a\u0000", "B"].map(bytes);
    const map = new ValueMap();
    for (const key of keys) map.set(key, { value: key, revision: 1 });
    expect(join(map.records())).toEqual(join(keys.toSorted(Buffer.compare).map(recordOf)));
  });

  test("fills its pages if keys arrive in ascending order", () => {
    const map = new ValueMap();
    for (let key = 10_000; key < 30_000; key++)
      map.set(keyOf(key), { value: new Uint8Array(100), revision: 1 });
    const pieces = [...map.records()];
    pieces.pop();
    expect(Math.min(...pieces.map(({ length }) => length))).toBeGreaterThan(16_000);
  });

  test("keeps a clone unchanged by writes while it is read piece by piece", () => {
    const keys = Array.from({ length: 5000 }, (_, key) => key);
    const map = many(keys);
    const expected = join(map.records());
    const pieces: Uint8Array[] = [];
    for (const piece of map.clone().records()) {
      pieces.push(piece);
      for (const key of keys.splice(0, 100)) map.set(keyOf(key), { value: bytes("changed"), revision: 1 });
    }
    expect(Buffer.compare(join(pieces), expected)).toBe(0);
    expect(map.get(keyOf(99))?.value).toEqual(bytes("changed"));
  });
});
