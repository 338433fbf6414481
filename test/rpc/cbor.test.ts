import { Encoder } from "cbor-x/decode";
import { describe, expect, test } from "vitest";
import { decodeWireValue, encodeWireValue } from "../../src/rpc/cbor.ts";
import { rpcLimits } from "../../src/rpc/limits.ts";
import { MalformedMessage } from "../../src/rpc/malformed-message.ts";

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => Number.parseInt(byte, 16));
}

const anything = new Encoder({ useRecords: false });

describe("plain values", () => {
  test.each([
    ["numbers", [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]],
    ["texts", ["", "n1", "żółw 🐢", "x".repeat(70_000)]],
    ["byte strings", [new Uint8Array(0), Uint8Array.of(0, 255), new Uint8Array(70_000).fill(7)]],
    ["the rest", [true, false, undefined, [], [[], [1, [2]]]]],
  ])("%s come back as they were", (_, value) => {
    expect(decodeWireValue(encodeWireValue(value))).toStrictEqual(value);
  });

  test("encoded bytes are not changed by the next message", () => {
    const first = encodeWireValue(["first"]);
    const copy = Uint8Array.from(first);
    encodeWireValue(["other"]);
    expect(first).toStrictEqual(copy);
    expect(first.byteLength).toBe(first.buffer.byteLength);
  });

  test("bytes are not touched by decoding, and byte strings are views on them", () => {
    const bytes = encodeWireValue([Uint8Array.of(1, 2, 3)]);
    const decoded = decodeWireValue(bytes);
    expect(Object.keys(bytes)).toHaveLength(bytes.length);
    bytes.set([9], bytes.length - 1);
    expect(decoded).toStrictEqual([Uint8Array.of(1, 2, 9)]);
  });

  test("a Buffer is decoded to plain Uint8Arrays", () => {
    const [data] = decodeWireValue(Buffer.from(encodeWireValue([Uint8Array.of(1)]))) as Uint8Array[];
    expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype);
  });
});

describe("refused before a decoder sees them", () => {
  test.each([
    ["nothing", ""],
    ["an array of 112,809,999 that ends at once", "9a06b9580f"],
    ["an array of 4,294,967,295", "9affffffff"],
    ["a byte string longer than the message", "5a7fffffff00"],
    ["a text longer than the message", "7b0000000000000005"],
    ["a list without an end", "9f01ff"],
    ["bytes without an end", "5f4101ff"],
    ["a map", "a10102"],
    ["a map that names __proto__", "a1695f5f70726f746f5f5f01"],
    ["a date", "c11a514b67b0"],
    ["a regular expression", "d81b82665265674578706161"],
    ["a value that contains itself", "d81c81d81d00"],
    ["a Set", "d9010281d901028101"],
    ["a Map", "d90103a10102"],
    ["a typed array other than of bytes", "d84544 00000001".replaceAll(" ", "")],
    ["a tagged byte string", "d8404101"],
    ["a record of cbor-x", "d9dfff8201820102"],
    ["packed values of cbor-x", "d8338480808080"],
    ["a bundle of strings of cbor-x", "d9dff9821a0000000580"],
    ["a bignum", "c249010000000000000000"],
    ["a 64-bit integer", "1b0000000100000000"],
    ["a negative integer", "20"],
    ["null", "f6"],
    ["half a float", "f93c00"],
    ["a float of 32 bits", "fa3f800000"],
    ["an unassigned simple value", "f8ff"],
    ["a break without a list", "ff"],
    ["bytes after the message", "0001"],
    ["a number cut short", "1901"],
    ["a list cut short", "820100".slice(0, 4)],
    ["five levels of lists", "8181818181"],
    ["ten thousand levels of lists", "81".repeat(10_000)],
    ["levels of lists that claim much each", "9a00001000".repeat(1000)],
  ])("%s", (_, text) => {
    expect(() => decodeWireValue(hex(text))).toThrow(MalformedMessage);
  });

  test.each([
    ["a date", new Date(0)],
    ["a Map", new Map([[1, 2]])],
    ["a Set", new Set([1])],
    ["a bigint", 2n ** 64n],
    ["an object", { a: 1 }],
    ["an error", new Error("x")],
    ["floats", new Float32Array(2)],
  ])("%s as cbor-x writes it", (_, value) => {
    expect(() => decodeWireValue(anything.encode([value]))).toThrow(MalformedMessage);
  });

  test("a payload of more bytes than any may have", () => {
    expect(() => decodeWireValue(encodeWireValue(new Uint8Array(rpcLimits.payloadBytes)))).toThrow(/at most/);
  });

  test("a message of more items than any can need", () => {
    const inner = Array.from({ length: 1 << 10 }, () => 0);
    const outer = Array.from({ length: 1 << 10 }, () => inner);
    expect(() => decodeWireValue(encodeWireValue(outer))).toThrow(/items/);
  });
});
