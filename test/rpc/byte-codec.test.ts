import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantViolation } from "../../src/raft/index.ts";
import { ByteReader } from "../../src/rpc/byte-reader.ts";
import { ByteWriter, COUNT_BYTES } from "../../src/rpc/byte-writer.ts";
import { MalformedMessage } from "../../src/rpc/malformed-message.ts";

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(64);
  write(writer);
  return writer.written();
}

function reading(...bytes: number[]): ByteReader {
  return new ByteReader("message", Uint8Array.from(bytes));
}

describe("a count", () => {
  test("is equal after writing and reading, in as few bytes as seven bits each allow", () => {
    const property = fc.property(fc.maxSafeNat(), (count) => {
      const bytes = written((writer) => writer.count(count));
      expect(bytes.length).toBe(Math.ceil(BigInt(count).toString(2).length / 7));
      const reader = new ByteReader("message", bytes);
      expect(reader.count("field")).toBe(count);
      reader.end();
    });
    fc.assert(property, { seed: 1, examples: [[0], [127], [128], [2 ** 32], [Number.MAX_SAFE_INTEGER - 1]] });
  });

  test("has a largest value", () => {
    const bytes = written((writer) => writer.count(Number.MAX_SAFE_INTEGER));
    expect(bytes).toHaveLength(COUNT_BYTES);
    expect(new ByteReader("message", bytes).count("field")).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each([
    ["2^53", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ["without an end", new Array(9).fill(0x80)],
    ["of nine bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ])("that is %s is refused, and the field is named", (_, bytes) => {
    expect(() => reading(...bytes).count("term")).toThrow("message: term: larger than 2^53 - 1");
  });

  test("that is cut short is refused", () => {
    expect(() => reading().count("term")).toThrow("message: ends too early");
    expect(() => reading(0x80, 0x80).count("term")).toThrow(MalformedMessage);
  });
});

describe("a name", () => {
  test("is equal after writing and reading", () => {
    const bytes = written((writer) => writer.name("n-1"));
    expect(bytes).toStrictEqual(Uint8Array.of(3, 0x6e, 0x2d, 0x31));
    expect(new ByteReader("message", bytes).name("leader")).toBe("n-1");
  });

  test.each([
    ["empty", [0]],
    ["of capital letters", [1, 0x41]],
    ["not ASCII", [2, 0xc3, 0xa4]],
    ["too long", [33, ...new Array(33).fill(0x61)]],
  ])("that is %s is refused", (_, bytes) => {
    expect(() => reading(...bytes).name("leader")).toThrow('leader: not 1 to 32 of a-z, 0-9 and "-"');
  });

  test("that is cut short is refused", () => {
    expect(() => reading(3, 0x61, 0x61).name("leader")).toThrow("ends too early");
  });
});

describe("bytes", () => {
  test("are read as views or as copies, and no further than they go", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const reader = new ByteReader("message", bytes, 1);
    const [view, copy] = [reader.view(1), reader.copy(1)];
    bytes.fill(9);
    expect([view, copy]).toStrictEqual([Uint8Array.of(9), Uint8Array.of(3)]);
    expect(() => reader.view(2)).toThrow(MalformedMessage);
    expect(() => reader.copy(2)).toThrow(MalformedMessage);
    expect(() => reader.end()).toThrow("message: 1 bytes too many");
    expect(reader.rest()).toStrictEqual(Uint8Array.of(9));
    reader.end();
  });

  test("hold numbers of four bytes, and a limited number of flags", () => {
    const bytes = written((writer) => {
      writer.uint32(2 ** 32 - 2);
      writer.flags(true, true);
    });
    expect(bytes).toStrictEqual(Uint8Array.of(255, 255, 255, 254, 3));
    expect(new ByteReader("message", bytes).uint32()).toBe(2 ** 32 - 2);
    expect(new ByteReader("message", bytes, 4).flags(2)).toBe(3);
    expect(() => new ByteReader("message", bytes, 4).flags(1)).toThrow("unknown flags: 3");
  });

  test("beyond the writer's capacity are a bug", () => {
    const writer = new ByteWriter(1);
    writer.byte(1);
    writer.byte(2);
    expect(() => writer.written()).toThrow(InvariantViolation);
  });
});
