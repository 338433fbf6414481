import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Command,
  decodeCommand,
  encodeCommand,
  type RegisterCommand,
  type WriteCommand,
} from "../../src/kv/index.ts";
import { bytes } from "./history.ts";

const uint53 = fc.maxSafeNat();
const anyBytes = fc.uint8Array({ maxLength: 300 });
const owner = fc.stringMatching(/^[a-z0-9-]{1,32}$/);
const ticket = { timeMs: uint53, session: uint53, sequence: uint53, lowestPending: uint53, owner };
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constantFrom("commitSentinel", "audit"), timeMs: uint53 }),
  fc.record({ type: fc.constant("openSession"), timeMs: uint53, session: uint53, owner }),
  fc.record({ ...ticket, type: fc.constantFrom("put", "append"), key: anyBytes, value: anyBytes }),
  fc.record({
    ...ticket,
    type: fc.constant("register"),
    name: fc.string({ unit: "binary", minLength: 1, maxLength: 32 }),
    value: fc.option(fc.uint8Array({ maxLength: 4096, size: "max" }), { nil: undefined }),
    expected: fc.option(uint53, { nil: undefined }),
    event: fc.uint8Array({ maxLength: 1024 }),
  }),
);
const put: WriteCommand = {
  type: "put",
  timeMs: 1,
  session: 2,
  sequence: 3,
  lowestPending: 4,
  owner: "n1",
  key: bytes("key"),
  value: bytes("value"),
};

const openSession: Command = { type: "openSession", timeMs: 1, session: 2, owner: "n1" };
const register: RegisterCommand = {
  type: "register",
  timeMs: 1,
  session: 2,
  sequence: 3,
  lowestPending: 4,
  owner: "n1",
  name: "a/b",
  value: bytes("value"),
  expected: 5,
  event: bytes("event"),
};

/** timeMs, session, owner length, sequence, lowestPending, key length, "n1" */
const ticketHex = "3ff0000000000000 4000000000000000 02 4008000000000000 4010000000000000 00000003 6e31";
const rest = `${ticketHex} 6b6579 76616c7565`;
/** "a/b", flags, expected, event length, "event", "value" */
const registration = `${ticketHex} 612f62 03 4014000000000000 00000005 6576656e74 76616c7565`;

describe("a command", () => {
  test("is decoded to what was encoded", () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        expect(decodeCommand(encodeCommand(command))).toEqual(command);
      }),
    );
  });

  test("shares no bytes with its input", () => {
    const value = bytes("abc");
    const encoded = encodeCommand({ ...put, value });
    value.fill(0);
    expect(decodeCommand(encoded)).toEqual({ ...put, value: bytes("abc") });
  });

  test("is decoded alike from the middle of a larger buffer", () => {
    const encoded = encodeCommand(put);
    const buffer = new Uint8Array(encoded.length + 20).fill(255);
    buffer.set(encoded, 7);
    expect(decodeCommand(buffer.subarray(7, 7 + encoded.length))).toEqual(put);
  });

  test.each([
    [openSession, "21 3ff0000000000000 4000000000000000 02 6e31"],
    [{ type: "commitSentinel", timeMs: 1 } as const, "243ff0000000000000"],
    [{ type: "audit", timeMs: 1 } as const, "253ff0000000000000"],
    [put, `22${rest}`],
    [{ ...put, type: "append" } as const, `23${rest}`],
    [register, `26${registration}`],
  ])("of type $type keeps its format, for logs outlive releases", (command, hex) => {
    expect(Buffer.from(encodeCommand(command)).toString("hex")).toBe(hex.replaceAll(" ", ""));
  });

  test("cut anywhere before its value is refused", () => {
    const encoded = encodeCommand(put);
    for (let length = 0; length < encoded.length - "value".length; length++) {
      expect(() => decodeCommand(encoded.subarray(0, length))).toThrow("malformed command");
    }
  });

  test("without a key and value is refused at every wrong length", () => {
    const encoded = encodeCommand({ type: "commitSentinel", timeMs: 5 });
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decodeCommand(encoded.subarray(0, length))).toThrow("malformed command");
    }
    expect(() => decodeCommand(Uint8Array.from([...encoded, 0]))).toThrow("malformed command");
  });

  test("of an unknown type or version is refused", () => {
    for (const first of [0x00, 0x01, 0x12, 0x20, 0x27, 0x32, 0xff]) {
      const encoded = encodeCommand(put);
      encoded[0] = first;
      expect(() => decodeCommand(encoded)).toThrow("malformed command: it has ");
    }
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    "with the number %d is refused when it is encoded, and when it is decoded",
    (wrong) => {
      for (const name of ["timeMs", "session", "sequence", "lowestPending"]) {
        expect(() => encodeCommand({ ...put, [name]: wrong })).toThrow(RangeError);
        expect(() => encodeCommand({ ...put, [name]: wrong })).toThrow(`${name}: must be an integer`);
      }
      for (const offset of [1, 9, 18, 26]) {
        const encoded = encodeCommand(put);
        new DataView(encoded.buffer).setFloat64(offset, wrong);
        expect(() => decodeCommand(encoded)).toThrow("malformed");
      }
    },
  );

  test.each([
    [[], "it is empty"],
    [[0x11], "it has format 1, and this version reads only format 2"],
    [[0x2f], "it has type 15, which this version does not know"],
  ])("of the bytes %j is malformed, and the error says why", (bytes, problem) => {
    expect(() => decodeCommand(Uint8Array.from(bytes))).toThrow(`malformed command: ${problem}`);
  });
});
