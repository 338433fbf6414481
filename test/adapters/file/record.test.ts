import crc32js from "crc-32/crc32.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "../../../adapters/checksum/index.ts";
import {
  decodeRecord,
  encodeRecord,
  frameAt,
  hasRecordFrom,
  recordBytes,
} from "../../../adapters/file/record.ts";
import { replicaId } from "../../../src/raft/index.ts";

const seed = 0x12345678;
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const name = fc
  .constantFrom("n1", "n2", "a-name-of-thirty-two-characters-x")
  .map((text) => replicaId(text.slice(0, 32)));
const hardState = fc.record({
  currentTerm: count,
  votedFor: fc.option(name, { nil: undefined }),
  countedPeers: fc.array(name, { maxLength: 9 }),
});
const record = fc
  .record({
    type: fc.constantFrom("segment", "batch", "close"),
    sequence: count,
    position: fc.record({ index: fc.nat(2 ** 50), term: count }),
    hardState: fc.option(hardState, { nil: undefined }),
    commands: fc.array(
      fc.record({
        type: fc.constantFrom("noop", "command", "configuration"),
        term: count,
        data: fc.uint8Array(),
      }),
    ),
  })
  .map(({ commands, ...record }) => ({
    ...record,
    entries: commands.map((command, i) => ({ ...command, index: record.position.index + 1 + i })),
  }));

test("the checksum is CRC-32, whole or in parts, the same from the runtime and in JavaScript", () => {
  const digits = new TextEncoder().encode("123456789");
  expect(crc32(digits)).toBe(0xcbf43926);
  expect(crc32(digits.subarray(4), crc32(digits.subarray(0, 4)))).toBe(0xcbf43926);
  expect(crc32js.buf(digits) >>> 0).toBe(0xcbf43926);
});

test("a record is decoded as it was encoded, at any offset, and has the computed length", () => {
  fc.assert(
    fc.property(record, fc.nat(20), fc.nat(20), (record, before, after) => {
      const encoded = encodeRecord(record, seed);
      expect(encodeRecord(record, seed, new Uint8Array(encoded.length + 9).fill(0xff))).toEqual(encoded);
      expect(encoded.length).toBe(recordBytes(record));
      const bytes = new Uint8Array(before + encoded.length + after);
      bytes.set(encoded, before);
      const frame = frameAt(bytes, before, seed);
      expect(frame).toEqual({ sequence: record.sequence, start: before, end: before + encoded.length });
      expect(frame && decodeRecord(bytes, frame)).toEqual(record);
    }),
  );
});

test("an incomplete record is not decoded", () => {
  const encoded = encodeRecord(
    {
      type: "batch",
      sequence: 1,
      position: { index: 0, term: 0 },
      hardState: undefined,
      entries: [],
    },
    seed,
  );
  for (let length = 0; length < encoded.length; length++) {
    expect(frameAt(encoded.subarray(0, length), 0, seed)).toBeUndefined();
  }
});

test("a later record is found behind anything, an earlier one is not", () => {
  const record = {
    type: "batch",
    position: { index: 0, term: 0 },
    hardState: undefined,
    entries: [],
  } as const;
  const bytes = new Uint8Array(500).fill(0x52);
  bytes.set(encodeRecord({ ...record, sequence: 7 }, seed), 333);
  expect(hasRecordFrom(7, bytes, seed)).toBe(true);
  expect(hasRecordFrom(6, bytes, seed)).toBe(true);
  expect(hasRecordFrom(8, bytes, seed)).toBe(false);
});

test("a record of another file is not decoded in this one, even with the right sequence", () => {
  const record = {
    type: "batch",
    sequence: 7,
    position: { index: 0, term: 0 },
    hardState: undefined,
    entries: [],
  } as const;
  const bytes = encodeRecord(record, seed);
  expect(frameAt(bytes, 0, seed + 1)).toBeUndefined();
  expect(hasRecordFrom(7, bytes, seed + 1)).toBe(false);
});

test("a record with an entry of an unknown type is refused with a sentence", () => {
  const entries = [{ type: "configuration", index: 8, term: 1, data: Uint8Array.of(1) }] as const;
  const position = { index: 7, term: 1 };
  const encoded = encodeRecord({ type: "batch", sequence: 1, position, hardState: undefined, entries }, seed);
  // After the header, a byte for no hard state, and the number of entries.
  encoded[36 + 1 + 4] = 3;
  const frame = { sequence: 1, start: 0, end: encoded.length };
  expect(() => decodeRecord(encoded, frame)).toThrow("entry 8 has type 3, which this version does not know");
});
