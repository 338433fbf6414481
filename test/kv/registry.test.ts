import { describe, expect, test } from "vitest";
import { decodeCommand, encodeCommand, encodeName, registryLimits } from "../../src/kv/index.ts";
import { isPackedOutcome, MAX_REVISION, packOutcome, unpackOutcome } from "../../src/kv/outcome.ts";
import { bytes, cut, History, join, restore, text } from "./history.ts";

function withSession(limits: ConstructorParameters<typeof History>[0] = {}): {
  readonly history: History;
  readonly session: number;
} {
  const history = new History(limits);
  return { history, session: history.openSession() };
}

describe("the registry", () => {
  test("holds a value of a name with its revision, replaces it, and removes it", () => {
    const { history, session } = withSession();
    expect(history.store.registry.get("name")).toBeUndefined();
    expect(history.register(session, 1, { value: "a" })).toEqual({ type: "written", revision: 2 });
    expect(history.store.registry.get("name")).toEqual({ name: "name", value: bytes("a"), revision: 2 });
    history.register(session, 2, { value: "b" });
    expect(history.registered()).toBe("b");
    expect(history.register(session, 3, { value: undefined })).toEqual({ type: "written", revision: 4 });
    expect(history.registered()).toBeUndefined();
    expect(history.store.registry.size).toBe(0);
  });

  test("is out of the reach of keys, also of equal ones", () => {
    const { history, session } = withSession();
    history.register(session, 1, { name: "k", value: "registered" });
    history.put(session, 2, { key: "k", value: "put" });
    history.append(session, 3, { key: "name" });
    expect(history.registered("k")).toBe("registered");
    expect(history.read("k")).toBe("put");
    expect(history.store.size).toBe(2);
    expect(history.store.registry.size).toBe(1);
  });

  test("makes a change with an expected revision only if the present value has it", () => {
    const { history, session } = withSession();
    expect(history.register(session, 1, { expected: 7 })).toEqual({ type: "conflict", revision: 0 });
    expect(history.register(session, 2, { value: "a", expected: 0 }).type).toBe("written");
    expect(history.register(session, 3, { value: "b", expected: 0 })).toEqual({
      type: "conflict",
      revision: 3,
    });
    expect(history.registered()).toBe("a");
    expect(history.register(session, 4, { value: undefined, expected: 2 }).type).toBe("conflict");
    expect(history.register(session, 5, { value: "b", expected: 3 }).type).toBe("written");
    expect(history.registered()).toBe("b");
    expect(history.register(session, 6, { value: undefined, expected: 6 }).type).toBe("written");
    expect(history.register(session, 7, { value: undefined, expected: 0 }).type, "absent").toBe("written");
  });

  test("refuses another name beyond its limit, and still changes and removes those that it has", () => {
    const { history, session } = withSession({ maxRegistryNames: 2 });
    for (const [at, name] of ["a", "b"].entries()) history.register(session, at + 1, { name });
    expect(history.register(session, 3, { name: "c" })).toEqual({ type: "registryFull" });
    expect(history.register(session, 4, { name: "b", value: "new" }).type).toBe("written");
    expect(history.register(session, 5, { name: "c", value: undefined }).type).toBe("written");
    expect(history.register(session, 6, { name: "a", value: undefined }).type).toBe("written");
    expect(history.register(session, 7, { name: "c" }).type).toBe("written");
    expect(history.register(session, 3, { name: "c" }), "refused before").toEqual({ type: "registryFull" });
  });

  test("lists the names that begin with a prefix, sorted", () => {
    const { history, session } = withSession();
    for (const [at, name] of ["token/b", "token/a", "tokens", "__proto__", "constructor"].entries()) {
      history.register(session, at + 1, { name, value: name });
    }
    const names = (prefix?: string) => history.store.registry.entries(prefix).map(({ name }) => name);
    expect(names()).toEqual(["__proto__", "constructor", "token/a", "token/b", "tokens"]);
    expect(names("token/")).toEqual(["token/a", "token/b"]);
    expect(names("z")).toEqual([]);
  });

  test("records an event of a change that was made, with its index and cluster time, and keeps the newest", () => {
    const { history, session } = withSession({ maxRegistryEvents: 2 });
    for (const [at, event] of ["one", "", "two", "three"].entries()) {
      history.timeMs += 10;
      history.register(session, at + 1, { event });
    }
    history.register(session, 5, { expected: 1, event: "not made" });
    history.register(session, 4, { event: "repeated" });
    const events = history.store.registry.events();
    expect(events.map(({ content }) => text(content))).toEqual(["two", "three"]);
    expect(events.map(({ index }) => index)).toEqual([4, 5]);
    const [first, second] = events.map(({ timeMs }) => timeMs);
    expect((second ?? 0) - (first ?? 0)).toBe(10);
  });

  test("owns its bytes: a command may be overwritten after it was applied", () => {
    const { history, session } = withSession();
    const command = encodeCommand({
      type: "register",
      timeMs: history.timeMs,
      session,
      sequence: 1,
      lowestPending: 1,
      owner: "n1",
      name: "large",
      value: new Uint8Array(registryLimits.valueBytes).fill(7),
      expected: undefined,
      event: bytes("event"),
    });
    history.store.apply(command, { index: ++history.index });
    command.fill(0);
    expect(history.store.registry.get("large")?.value.every((byte) => byte === 7)).toBe(true);
    expect(text(history.store.registry.events()[0]?.content)).toBe("event");
  });

  test("is in a snapshot as it was when that was taken", () => {
    const { history, session } = withSession();
    history.register(session, 1, { value: "before", event: "made" });
    const snapshot = history.store.snapshot();
    history.register(session, 2, { value: "after", event: "changed" });
    const other = new History();
    restore(other.store, cut(join(snapshot), [9]));
    expect(other.registered()).toBe("before");
    expect(other.store.registry.events()).toHaveLength(1);
    other.index = history.index;
    other.timeMs = history.timeMs;
    expect(other.register(session, 1, { value: "again" })).toEqual({ type: "written", revision: 2 });
    expect(other.registered()).toBe("before");
  });
});

describe("a repeated registration gets the first result:", () => {
  test.each([
    ["written", { value: "x" }],
    ["conflict", { value: "x", expected: 99 }],
    ["registryFull", { name: "another", value: "x" }],
  ] as const)("%s", (type, change) => {
    const { history, session } = withSession({ maxRegistryNames: 1 });
    history.register(session, 1, { value: "first" });
    const result = history.register(session, 2, change);
    expect(result.type).toBe(type);
    // The reason for a refusal may have ended when the request is repeated.
    history.register(session, 3, { value: undefined });
    expect(history.register(session, 2, change)).toEqual(result);
    const other = new History({ maxRegistryNames: 1 });
    restore(other.store, cut(join(history.store.snapshot()), [100]));
    other.index = history.index;
    expect(other.register(session, 2, change), "and after a snapshot").toEqual(result);
  });
});

describe("a registration", () => {
  const register = {
    type: "register",
    timeMs: 1,
    session: 2,
    sequence: 3,
    lowestPending: 3,
    owner: "n1",
    name: "a",
    value: bytes("v"),
    expected: undefined,
    event: bytes(""),
  } as const;

  test.each([
    ["name", ""],
    ["name", "é".repeat(65)],
    ["name", "\ud800"],
    ["value", new Uint8Array(registryLimits.valueBytes + 1)],
    ["event", new Uint8Array(registryLimits.eventBytes + 1)],
    ["expected", -1],
  ])("with a wrong %s is refused when it is encoded", (part, wrong) => {
    const encode = () => encodeCommand({ ...register, [part]: wrong });
    expect(encode).toThrow(RangeError);
    expect(encode).toThrow(`${part}: must be`);
  });

  test("of the longest name, value and event is read as it was written", () => {
    const largest = {
      ...register,
      name: "é".repeat(64),
      value: new Uint8Array(registryLimits.valueBytes).fill(1),
      event: new Uint8Array(registryLimits.eventBytes).fill(2),
      expected: Number.MAX_SAFE_INTEGER,
    };
    expect(decodeCommand(encodeCommand(largest))).toEqual(largest);
  });

  test("keeps every name as it is, also one that begins with a byte order mark", () => {
    const name = "\ufeffname";
    expect(encodeName(name)).toHaveLength(7);
    expect(decodeCommand(encodeCommand({ ...register, name }))).toMatchObject({ name });
  });

  test("is malformed if its name is no text, or a part exceeds its limit, or it is cut", () => {
    const encoded = encodeCommand(register);
    const nameAt = encoded.length - "v".length - 13 - "a".length;
    const noText = encoded.slice();
    noText[nameAt] = 0xff;
    const flags = encoded.slice();
    flags[nameAt + 1] = 4;
    const expected = encoded.slice();
    new DataView(expected.buffer).setFloat64(nameAt + 2, 5);
    const longEvent = encoded.slice();
    new DataView(longEvent.buffer).setUint32(nameAt + 10, 2);
    const valueOfNone = encoded.slice();
    valueOfNone[nameAt + 1] = 0;
    const long = Uint8Array.from([...encoded, ...new Uint8Array(registryLimits.valueBytes)]);
    const cutShort = encoded.subarray(0, nameAt + 3);
    for (const wrong of [noText, flags, expected, longEvent, valueOfNone, long, cutShort]) {
      expect(() => decodeCommand(wrong)).toThrow(Error);
    }
    expect(() => decodeCommand(encoded)).not.toThrow();
  });
});

describe("a remembered result", () => {
  test("is one integer, from which the result can be read", () => {
    for (const type of ["written", "conflict"] as const) {
      for (const revision of [1, 2, 2 ** 40, MAX_REVISION]) {
        expect(unpackOutcome(packOutcome(type, revision))).toEqual({ type, revision });
      }
    }
    expect(unpackOutcome(packOutcome("conflict", 0))).toEqual({ type: "conflict", revision: 0 });
    for (const type of ["tooLarge", "registryFull"] as const) {
      expect(unpackOutcome(packOutcome(type))).toEqual({ type, revision: 0 });
    }
  });

  test("is no other integer", () => {
    const results = [packOutcome("written", 1), packOutcome("tooLarge"), packOutcome("conflict", 1)];
    expect(results.every(isPackedOutcome)).toBe(true);
    for (const wrong of [-1, 0, 0.5, 5, 7, 2 ** 53 - 1, Number.NaN])
      expect(isPackedOutcome(wrong)).toBe(false);
    expect(() => packOutcome("written", 0)).toThrow("a remembered result is one that a snapshot may have");
  });
});
