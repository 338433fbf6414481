import { describe, expect, test } from "vitest";
import { encodeCommand, KvStore } from "../../src/kv/index.ts";
import { bytes, History, join } from "./history.ts";

describe("a store", () => {
  test("answers nothing for a key that was never written", () => {
    const history = new History();
    expect(history.store.get(bytes("k"))).toBeUndefined();
    expect(history.store.size).toBe(0);
  });

  test("replaces a value by a put, and extends it by an append", () => {
    const history = new History();
    const session = history.openSession();
    history.append(session, 1, { value: "Hello " });
    history.append(session, 2, { value: "World!" });
    expect(history.read()).toBe("Hello World!");
    history.put(session, 3, { value: "Bye" });
    expect(history.read()).toBe("Bye");
    expect(history.store.size).toBe(1);
  });

  test("uses the index of the entry as the revision of a write", () => {
    const history = new History();
    const session = history.openSession();
    history.index = 41;
    expect(history.put(session, 1, { key: "a" })).toEqual({ type: "written", revision: 42 });
    expect(history.append(session, 2, { key: "b" })).toEqual({ type: "written", revision: 43 });
    expect(history.store.get(bytes("a"))?.revision).toBe(42);
    expect(history.store.get(bytes("b"))?.revision).toBe(43);
  });

  test("answers a commit sentinel with its index and changes nothing", () => {
    const history = new History();
    const before = join(history.store.snapshot());
    history.timeMs = 0;
    expect(history.commitSentinel()).toEqual({ type: "written", revision: 1 });
    expect(join(history.store.snapshot())).toEqual(before);
  });

  test.each(["__proto__", "constructor", "toString", "", "\0", "é", "a/../b", "a".repeat(10_000)])(
    "takes %j for an ordinary key",
    (key) => {
      const history = new History();
      expect(history.read(key)).toBeUndefined();
      history.put(history.openSession(), 1, { key, value: "mine" });
      expect(history.read(key)).toBe("mine");
      expect(history.store.size).toBe(1);
    },
  );

  test("distinguishes an empty value from a missing one", () => {
    const history = new History();
    history.put(history.openSession(), 1, { value: "" });
    expect(history.read()).toBe("");
  });

  test("distinguishes keys that differ in bytes that no text contains", () => {
    const history = new History();
    const session = history.openSession();
    history.put(session, 1, { key: Uint8Array.of(0xff), value: "ff" });
    history.put(session, 2, { key: Uint8Array.of(0xfe), value: "fe" });
    history.put(session, 3, { key: Uint8Array.of(0x80, 0), value: "8000" });
    expect(history.store.size).toBe(3);
    expect(history.store.get(Uint8Array.of(0xff))?.value).toEqual(bytes("ff"));
    expect(history.store.get(Uint8Array.of(0x80, 0))?.value).toEqual(bytes("8000"));
  });

  test.each([
    ["an array", (command: Uint8Array) => command],
    ["a Buffer, whose slice() is a view", (command: Uint8Array) => Buffer.from(command)],
  ])("owns its values: a command in %s may be overwritten", (_, make) => {
    const history = new History();
    const session = history.openSession();
    for (const [type, sequence] of [
      ["put", 1],
      ["append", 2],
    ] as const) {
      const ticket = { session, sequence, lowestPending: 1, owner: "n1" };
      const write = { type, timeMs: 0, ...ticket, key: bytes("k"), value: bytes("abc") };
      const command = make(encodeCommand(write));
      history.store.apply(command, { index: ++history.index });
      command.fill(0);
    }
    expect(history.read()).toBe("abcabc");
    expect(history.store.get(bytes("k"))?.value.buffer.byteLength).toBe(6);
  });

  test("never changes a value that was read by a later write", () => {
    const history = new History();
    const session = history.openSession();
    history.put(session, 1, { value: "first" });
    const read = history.store.get(bytes("k"));
    history.append(session, 2, { value: "second" });
    history.put(session, 3, { value: "third" });
    expect(read).toEqual({ value: bytes("first"), revision: 2 });
  });

  test("refuses a value above the limit, and remembers that it did", () => {
    const history = new History({ maxValueBytes: 4 });
    const session = history.openSession();
    const tooLarge = { type: "tooLarge", limitBytes: 4 };
    expect(history.put(session, 1, { value: "12345" })).toEqual(tooLarge);
    expect(history.read()).toBeUndefined();
    expect(history.put(session, 2, { value: "1234" }).type).toBe("written");
    expect(history.append(session, 3, { value: "5" })).toEqual(tooLarge);
    expect(history.read()).toBe("1234");
    expect(history.put(session, 4, { value: "123" }).type).toBe("written");
    expect(history.append(session, 3, { value: "5" })).toEqual(tooLarge);
    expect(history.read()).toBe("123");
  });

  test("applies no entry of the log twice", () => {
    const { store } = new History();
    const command = encodeCommand({ type: "commitSentinel", timeMs: 1 });
    store.apply(command, { index: 5 });
    expect(() => store.apply(command, { index: 5 })).toThrow("each command is applied once");
    expect(() => store.apply(command, { index: 4 })).toThrow("each command is applied once");
  });

  test("ignores a malformed command and stays unchanged", () => {
    const history = new History();
    const session = history.openSession();
    history.put(session, 1);
    const before = join(history.store.snapshot());
    const command = encodeCommand({ type: "commitSentinel", timeMs: history.timeMs * 2 });
    for (const [at, malformed] of [command.subarray(1), new Uint8Array()].entries()) {
      expect(history.store.apply(malformed, { index: 9 + at })).toEqual({
        type: "malformed",
        reason: expect.stringContaining("malformed command"),
      });
    }
    expect(join(history.store.snapshot())).toEqual(before);
  });

  test.each([
    "maxValueBytes",
    "maxSessions",
    "maxSessionsPerOwner",
    "maxPendingPerSession",
    "sessionInUseMs",
    "sessionTtlMs",
    "maxRegistryNames",
    "maxRegistryEvents",
  ])("refuses limits whose %s is no positive integer", (name) => {
    for (const wrong of [0, -1, 1.5, Number.NaN]) {
      expect(() => new KvStore({ [name]: wrong })).toThrow(
        new RangeError(`${name}: must be a positive integer, not ${wrong}`),
      );
    }
  });
});
