import { describe, expect, test } from "vitest";
import { encodeRecord, type LogRecord } from "../../../adapters/file/record.ts";
import { drawHeader } from "../../../adapters/file/segment-header.ts";
import { isTorn } from "../../../adapters/file/torn-record.ts";

const SECTOR = 512;
const SIZE = 8 * SECTOR;
const segment = drawHeader(SIZE, () => 0.123456789);

function recordWith(data: Uint8Array): Uint8Array {
  const record: LogRecord = {
    type: "batch",
    sequence: 23,
    position: { index: 21, term: 1 },
    hardState: undefined,
    entries: [{ type: "command", term: 1, index: 22, data }],
  };
  return encodeRecord(record, segment.seed);
}

const record = recordWith(new Uint8Array([0, 0, 7, 0, 9, 0, 0, 0]));
/** The end of a sector divides the record at each of its words in turn. At last the record is in one sector. */
const starts = Array.from({ length: record.length / 4 + 1 }, (_, i) => SECTOR - record.length + 4 * i);

function fileWith(start: number, content = record): Uint8Array {
  const bytes = segment.blank.bytes(0, SIZE);
  bytes.set(content, start);
  return bytes;
}

function blanked(bytes: Uint8Array, start: number, end: number): Uint8Array {
  bytes.set(segment.blank.bytes(start, end), start);
  return bytes;
}

function isTornIn(bytes: Uint8Array, start: number): boolean {
  return isTorn(bytes, start, segment.blank.writtenEnd(bytes, start), segment);
}

/** The bits of a record that, if flipped, make it look torn. */
function mistakenBits(content: Uint8Array, start: number): string[] {
  const mistaken: string[] = [];
  for (let bit = 0; bit < 8 * content.length; bit++) {
    const bytes = fileWith(start, content);
    const at = start + (bit >> 3);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
    if (isTornIn(bytes, start)) mistaken.push(`record at ${start}, bit ${bit}`);
  }
  return mistaken;
}

describe("at every sector boundary within the record", () => {
  // Found by seed 690081179: the header ended in zeros just behind the sector's end, and passed for never stored.
  test("a bit that flips in a stored record is not taken for a torn write", () => {
    expect(starts.flatMap((start) => mistakenBits(record, start))).toEqual([]);
  });

  test("a record with a sector that was not written is torn", () => {
    for (const start of starts.slice(1, -1)) {
      const withoutFirst = blanked(fileWith(start), 0, SECTOR);
      const withoutSecond = blanked(fileWith(start), SECTOR, 2 * SECTOR);
      expect(isTornIn(withoutFirst, start), `${start}, the first sector lost`).toBe(true);
      expect(isTornIn(withoutSecond, start), `${start}, the second sector lost`).toBe(true);
    }
  });

  test("a record that lacks its end is torn", () => {
    for (const start of starts) {
      for (let left = 4; left < record.length; left += 4) {
        const bytes = blanked(fileWith(start), start + left, SIZE);
        expect(isTornIn(bytes, start), `${left} bytes left`).toBe(true);
      }
    }
  });

  test("a record whose end, or any sector of it, has become zeros is not torn", () => {
    for (const start of starts) {
      for (let left = 0; left < record.length; left++) {
        expect(isTornIn(fileWith(start).fill(0, start + left), start), `${left} bytes left`).toBe(false);
      }
    }
  });
});

test("a bit that flips in a record whose value is nothing but zeros is not taken for a torn write", () => {
  expect(mistakenBits(recordWith(new Uint8Array(3 * SECTOR)), SECTOR - 100)).toEqual([]);
});

test("a flipped bit in a record whose value looks like blank space is not taken for a torn write", () => {
  const other = drawHeader(SIZE, () => 0.987654321).blank.bytes(0, 3 * SECTOR);
  expect(mistakenBits(recordWith(other), SECTOR - 100)).toEqual([]);
});
