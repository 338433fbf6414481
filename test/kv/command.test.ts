import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Command, decodeCommand, encodeCommand } from "../../src/kv/index.ts";
import { bytes } from "./history.ts";

const uint53 = fc.maxSafeNat();
const anyBytes = fc.uint8Array({ maxLength: 300 });
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constantFrom("openSession", "commitSentinel", "audit"), timeMs: uint53 }),
  fc.record({
    type: fc.constantFrom("put", "append"),
    timeMs: uint53,
    session: uint53,
    sequence: uint53,
    lowestPending: uint53,
    key: anyBytes,
    value: anyBytes,
  }),
);
const put: Command = {
  type: "put",
  timeMs: 1,
  session: 2,
  sequence: 3,
  lowestPending: 4,
  key: bytes("key"),
  value: bytes("value"),
};

/** timeMs, session, sequence, lowestPending, key length, "key", "value" */
const rest = "3ff0000000000000 4000000000000000 4008000000000000 4010000000000000 00000003 6b6579 76616c7565";

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
    [{ type: "openSession", timeMs: 1 } as const, "113ff0000000000000"],
    [{ type: "commitSentinel", timeMs: 1 } as const, "143ff0000000000000"],
    [{ type: "audit", timeMs: 1 } as const, "153ff0000000000000"],
    [put, `12${rest}`],
    [{ ...put, type: "append" } as const, `13${rest}`],
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
    for (const first of [0x00, 0x01, 0x10, 0x16, 0x22, 0xff]) {
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
      for (const offset of [1, 9, 17, 25]) {
        const encoded = encodeCommand(put);
        new DataView(encoded.buffer).setFloat64(offset, wrong);
        expect(() => decodeCommand(encoded)).toThrow("malformed");
      }
    },
  );

  test.each([
    [[], "it is empty"],
    [[0x21], "it has format 2, and this version reads only format 1"],
    [[0x1f], "it has type 15, which this version does not know"],
  ])("of the bytes %j is malformed, and the error says why", (bytes, problem) => {
    expect(() => decodeCommand(Uint8Array.from(bytes))).toThrow(`malformed command: ${problem}`);
  });
});
