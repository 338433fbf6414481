import { describe, expect, test } from "vitest";
import { KvStore } from "../../src/kv/index.ts";
import { EVENT_BYTES, HEADER_BYTES, RESULT_BYTES, SESSION_BYTES } from "../../src/kv/snapshot.ts";
import { bytes, cut, History, join, restore } from "./history.ts";

/** A session of "n1" without results. */
const OWNED_BYTES = SESSION_BYTES + 2;

const MEGABYTE = 1024 * 1024;

/** A store with a bit of everything. */
function sample(): History {
  const history = new History();
  const [a, b] = [history.openSession(), history.openSession()];
  history.put(a, 1, { key: "b", value: "two" });
  history.put(a, 2, { key: "a", value: "one" });
  history.append(b, 9, { key: Uint8Array.of(0, 200), value: "" });
  history.register(b, 10, { name: "token/b", value: "", event: "made b" });
  history.register(b, 11, { name: "token/\u{1f512}", value: "locked", event: "locked" });
  history.register(b, 12, { name: "token/\uffee", event: "made" });
  history.register(b, 13, { name: "token/b", expected: 1 });
  return history;
}

describe("a snapshot", () => {
  test.each([1, 2, 7, 8, 100, 65_536])("cut into pieces of %i bytes restores the same store", (size) => {
    const { store } = sample();
    const whole = join(store.snapshot());
    const other = new KvStore();
    restore(other, cut(whole, [size]));
    expect(join(other.snapshot())).toEqual(whole);
    expect(other.get(bytes("b"))).toEqual({ value: bytes("two"), revision: 3 });
    expect(other.size).toBe(3);
  });

  test("copies restored values", () => {
    const { store } = sample();
    restore(store, cut(join(store.snapshot()), [1000]));
    expect(store.get(bytes("b"))?.value.buffer.byteLength).toBe(3);
  });

  test("of an empty store restores an empty store", () => {
    const { store } = sample();
    restore(store, cut(join(new KvStore().snapshot()), [64]));
    expect(store.size).toBe(0);
    expect(join(store.snapshot())).toEqual(join(new KvStore().snapshot()));
  });

  test("shows the store as it was when it was taken, however late it is read", () => {
    const history = new History();
    const session = history.openSession();
    for (let n = 1; n <= 5000; n++) {
      history.put(session, n, { key: `key ${n}`, value: "old", lowestPending: n });
    }
    const expected = join(history.store.snapshot());
    const snapshot = history.store.snapshot();
    const chunks: Uint8Array[] = [];
    let sequence = 5000;
    for (const chunk of snapshot) {
      chunks.push(chunk);
      for (let n = 0; n < 2000; n++) {
        sequence++;
        history.put(session, sequence, {
          key: `key ${(n * 7) % 9000}`,
          value: "new",
          lowestPending: sequence,
        });
      }
    }
    expect(chunks.length).toBeGreaterThan(2);
    expect(Buffer.compare(join(chunks), expected)).toBe(0);
    expect(history.read("key 7")).toBe("new");
  });

  test("taken before is untouched by one taken later", () => {
    const history = sample();
    const first = history.store.snapshot();
    const expected = join(history.store.snapshot());
    history.put(1, 3, { key: "a", value: "changed" });
    const second = history.store.snapshot();
    history.put(1, 4, { key: "a", value: "changed again" });
    expect(join(first)).toEqual(expected);
    expect(join(second)).not.toEqual(expected);
  });

  test("has chunks of about 64 KiB, in separate buffers", () => {
    const history = new History();
    const session = history.openSession();
    for (let n = 1; n <= 3000; n++) {
      history.put(session, n, { key: `key ${n}`, value: new Uint8Array(100), lowestPending: n });
    }
    const chunks = [...history.store.snapshot()];
    const sizes = chunks.slice(0, -1).map((chunk) => chunk.length);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.min(...sizes)).toBeGreaterThan(48_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
    expect(new Set(chunks.map((chunk) => chunk.buffer)).size).toBe(chunks.length);
  });

  test.each([[1000], [1, 300_000], [4 * MEGABYTE]])("carries values of a megabyte (%j)", (...sizes) => {
    const history = new History();
    const session = history.openSession();
    const value = new Uint8Array(MEGABYTE).map((_, i) => i * 31);
    history.put(session, 1, { key: "big", value });
    history.put(session, 2, { key: "small", value: "s" });
    const whole = Buffer.concat([...history.store.snapshot()]);
    const other = new KvStore();
    restore(other, cut(whole, sizes.flat()));
    expect(Buffer.compare(other.get(bytes("big"))?.value ?? bytes(""), value)).toBe(0);
    expect(other.get(bytes("small"))?.value).toEqual(bytes("s"));
  });

  test("may arrive in buffers that are reused", () => {
    const { store } = sample();
    const whole = join(store.snapshot());
    function* reused(): Generator<Uint8Array> {
      const buffer = Buffer.alloc(13);
      for (let offset = 0; offset < whole.length; offset += buffer.length) {
        const piece = whole.subarray(offset, offset + buffer.length);
        buffer.set(piece);
        yield buffer.subarray(0, piece.length);
        buffer.fill(255);
      }
    }
    const other = new KvStore();
    restore(other, reused());
    expect(join(other.snapshot())).toEqual(whole);
  });

  test("is the same if the same values were written in another order", () => {
    const [one, other] = [new History(), new History()];
    for (const [history, keys] of [
      [one, ["a", "b", "c"]],
      [other, ["c", "b", "a"]],
    ] as const) {
      const session = history.openSession();
      [...keys, "a", "b", "c"].forEach((key, i) => {
        history.put(session, i + 1, { key, value: key.repeat(50), lowestPending: i + 1 });
      });
      history.put(session, 9, { key: "d", lowestPending: 9 });
    }
    expect(join(other.store.snapshot())).toEqual(join(one.store.snapshot()));
  });

  test("is the same on two replicas, one of which came from a snapshot", () => {
    const a = sample();
    const b = new History();
    restore(b.store, cut(join(a.store.snapshot()), [50]));
    for (const replica of [a, b]) {
      replica.index = 100;
      replica.timeMs = 2_000_000;
      replica.append(1, 3, { key: "a", value: "!" });
      replica.openSession();
      replica.append(2, 14, { key: "c", lowestPending: 9 });
      replica.register(2, 15, { name: "token/b", value: undefined, event: "gone", lowestPending: 9 });
    }
    expect(join(b.store.snapshot())).toEqual(join(a.store.snapshot()));
  });
});

describe("a broken snapshot is refused and leaves the store as it was:", () => {
  function expectRefused(broken: Uint8Array, message = "malformed"): void {
    const history = new History();
    history.put(history.openSession(), 1, { value: "kept" });
    const before = join(history.store.snapshot());
    expect(() => restore(history.store, cut(broken, [17]))).toThrow(message);
    expect(join(history.store.snapshot())).toEqual(before);
  }
  const whole = join(sample().store.snapshot());

  test("cut off at any byte", () => {
    const withoutValues = new History();
    withoutValues.openSession();
    for (const complete of [whole, join(withoutValues.store.snapshot())]) {
      for (let length = 0; length < complete.length; length++) {
        expectRefused(complete.subarray(0, length), "it ends too early");
      }
    }
  });

  test("with bytes behind it", () => {
    expectRefused(Uint8Array.from([...whole, 0]), "bytes follow its end");
  });

  test("of another kind or format", () => {
    for (let offset = 0; offset < 8; offset++) {
      const other = whole.slice();
      other[offset] = 99;
      const problem =
        offset < 7 ? "it is not one of this store" : "it has format 99, and this version reads only format 2";
      expectRefused(other, problem);
    }
  });

  test.each([8, 16, 24, 32, 40, 48, 56, 64, 72])("with nonsense for the number at byte %i", (offset) => {
    const other = whole.slice();
    other.fill(255, offset, offset + 8);
    expectRefused(other);
  });

  test("with keys out of order, or twice", () => {
    const history = new History();
    const session = history.openSession();
    history.put(session, 1, { key: "key-a", value: "" });
    history.put(session, 2, { key: "key-b", value: "" });
    const ordered = Buffer.from(join(history.store.snapshot()));
    for (const [at, letter] of [
      ["key-a", "c"],
      ["key-b", "a"],
    ] as const) {
      const other = Buffer.from(ordered);
      other.write(letter, other.indexOf(at) + 4);
      expectRefused(other, "keys are not sorted");
    }
  });

  test("with names of the registry out of order, or events", () => {
    for (const [from, to, problem] of [
      ["token/b", "zoken/b", "names are not sorted"],
      ["token/b", "tok\xff/b", "encoded data was not valid"],
    ] as const) {
      const other = Buffer.from(whole);
      other.write(to, other.indexOf(from), "latin1");
      expectRefused(other, problem);
    }
    const history = sample();
    const events = Buffer.from(join(history.store.snapshot()));
    const [first = 0, second = 0] = ["made b", "locked"].map(
      (event) => events.lastIndexOf(event) - EVENT_BYTES,
    );
    events.copyWithin(second, first, first + 8);
    expectRefused(events, "events are not in the order of the log");
  });

  test("with a session or a result twice", () => {
    const history = new History();
    history.openSession();
    history.openSession();
    const sessions = join(history.store.snapshot());
    sessions.copyWithin(HEADER_BYTES + OWNED_BYTES, HEADER_BYTES, HEADER_BYTES + OWNED_BYTES);
    expectRefused(sessions, "duplicate session");
    const results = whole.slice();
    const first = HEADER_BYTES + OWNED_BYTES;
    results.copyWithin(first + RESULT_BYTES, first, first + RESULT_BYTES);
    expectRefused(results, "duplicate session");
  });

  test("with sessions out of the order of use, or used in the future", () => {
    const history = new History();
    history.openSession();
    history.timeMs++;
    history.openSession();
    const ordered = join(history.store.snapshot());
    const header = ordered.subarray(0, HEADER_BYTES);
    const first = ordered.subarray(HEADER_BYTES, HEADER_BYTES + OWNED_BYTES);
    const second = ordered.subarray(HEADER_BYTES + OWNED_BYTES);
    expectRefused(Buffer.concat([header, second, first]), "not in the order of last use");
    new DataView(header.buffer).setFloat64(8, history.timeMs - 1);
    expectRefused(ordered, "not in the order of last use");
  });
});
