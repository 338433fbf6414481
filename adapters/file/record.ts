import type { HardState, LogEntry, LogPosition } from "../../src/raft/index.ts";
import { crc32 } from "../checksum/index.ts";
import { codeOfType, typeOfCode } from "../shared/index.ts";
import { wordAligned } from "./blank-space.ts";
import { hardStateBytes, largestHardStateBytes, readHardState, writeHardState } from "./hard-state.ts";
import { getUint64, setUint64 } from "./uint64.ts";

/**
 * A record of the log. It says: the log ends at `position`, `entries` follow it, and `hardState` holds from now on. One
 * batch is one record, so it is stored as a whole or not at all.
 *
 * The type `segment` starts a file and repeats what was true before it; `close` marks a graceful end. Little-endian, in
 * bytes:
 *
 *     0 magic 4 | 4 version 1 | 5 type 1 | 6 header's checksum 2 | 8 length of all 4 | 12 sequence 8 | 20 index 8
 *     28 term 8 | 36 payload: hard state, entries, see below | zeros up to a multiple of 4
 *     last 4: CRC32 over all before it
 *
 * The header's checksum is the low half of the CRC32 of the header's other bytes. If a record is not whole, it tells
 * whether its length can be trusted. Both checksums start with the `seed` of the record's file, so a value cannot
 * contain a record of its file. Records start and end at multiples of 4, so no sector boundary divides a checksum.
 */
export interface LogRecord {
  readonly type: RecordType;
  /** Increases by one a record, over all segments. */
  readonly sequence: number;
  readonly position: LogPosition;
  readonly hardState: HardState | undefined;
  readonly entries: readonly LogEntry[];
}

export type RecordType = "segment" | "batch" | "close";

/** The location of a record with a correct checksum. */
export interface Frame {
  readonly sequence: number;
  readonly start: number;
  readonly end: number;
}

const magic = 0x4c465552; // "RUFL"
const version = 3;
const typeCodes = { segment: 1, batch: 2, close: 3 } as const satisfies Record<RecordType, number>;
const types = new Map<number, RecordType>([
  [typeCodes.segment, "segment"],
  [typeCodes.batch, "batch"],
  [typeCodes.close, "close"],
]);

export const headerBytes = 36;
export const checksumBytes = 4;
/** Entry: type 1 | term 8 | length 4 | data. Its index follows from its position. */
const entryBytes = 13;

/** Payload: hard state, see hard-state.ts | count of entries 4 | entries. */
export const smallestRecordBytes: number = recordBytes({ hardState: undefined, entries: [] });
/** The largest record without entries. */
export const largestBareRecordBytes: number = wordAligned(smallestRecordBytes + largestHardStateBytes);

export function recordBytes({ hardState, entries }: Pick<LogRecord, "hardState" | "entries">): number {
  const bare = headerBytes + hardStateBytes(hardState) + 4 + checksumBytes;
  return wordAligned(entries.reduce((sum, entry) => sum + entryBytes + entry.data.length, bare));
}

/**
 * @param seed the seed of the file that the record is written to
 * @param buffer the buffer to encode into if the record fits. Default: a new one
 */
export function encodeRecord(record: LogRecord, seed: number, buffer?: Uint8Array): Uint8Array {
  const length = recordBytes(record);
  const bytes =
    buffer !== undefined && length <= buffer.length ? buffer.subarray(0, length) : new Uint8Array(length);
  // The payload may be followed by a few zeros.
  bytes.fill(0, -2 * checksumBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(0, magic, true);
  view.setUint8(4, version);
  view.setUint8(5, typeCodes[record.type]);
  view.setUint32(8, bytes.length, true);
  setUint64(view, 12, record.sequence);
  setUint64(view, 20, record.position.index);
  setUint64(view, 28, record.position.term);
  view.setUint16(6, headerChecksum(bytes, 0, seed), true);
  encodeEntries(view, bytes, writeHardState(view, headerBytes, record.hardState), record.entries);
  const end = bytes.length - checksumBytes;
  view.setUint32(end, crc32(bytes.subarray(0, end), seed), true);
  return bytes;
}

function encodeEntries(view: DataView, bytes: Uint8Array, start: number, entries: readonly LogEntry[]): void {
  let offset = start;
  view.setUint32(offset, entries.length, true);
  offset += 4;
  for (const { type, term, data } of entries) {
    view.setUint8(offset, codeOfType(type));
    setUint64(view, offset + 1, term);
    view.setUint32(offset + 9, data.length, true);
    bytes.set(data, offset + entryBytes);
    offset += entryBytes + data.length;
  }
}

/** Returns the end of the record at `start` according to its header, or undefined if the header is damaged. */
export function claimedEnd(bytes: Uint8Array, start: number, seed: number): number | undefined {
  if (start + headerBytes > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(start, true) !== magic) return undefined;
  if (view.getUint16(start + 6, true) !== headerChecksum(bytes, start, seed)) return undefined;
  const length = view.getUint32(start + 8, true);
  return length >= smallestRecordBytes && length === wordAligned(length) ? start + length : undefined;
}

function headerChecksum(bytes: Uint8Array, start: number, seed: number): number {
  const header = bytes.slice(start, start + headerBytes);
  header[6] = 0;
  header[7] = 0;
  return crc32(header, seed) & 0xffff;
}

/** Returns the record at `start` if it is whole and its checksum is correct. */
export function frameAt(bytes: Uint8Array, start: number, seed: number): Frame | undefined {
  if (start + smallestRecordBytes > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(start, true) !== magic || view.getUint8(start + 4) !== version) return undefined;
  const end = start + view.getUint32(start + 8, true);
  if (end < start + smallestRecordBytes || end > bytes.length) return undefined;
  const checksum = crc32(bytes.subarray(start, end - checksumBytes), seed);
  if (checksum !== view.getUint32(end - checksumBytes, true)) return undefined;
  return { sequence: getUint64(view, start + 12), start, end };
}

/**
 * Returns whether a record with this sequence or a later one is anywhere in the bytes. Checksums are computed only for
 * plausible sequences, so that data which looks like records costs little.
 */
export function hasRecordFrom(sequence: number, bytes: Uint8Array, seed: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const latest = sequence + bytes.length / smallestRecordBytes;
  const firstByte = magic & 0xff;
  for (let at = bytes.indexOf(firstByte); at >= 0; at = bytes.indexOf(firstByte, at + 1)) {
    if (at + smallestRecordBytes > bytes.length) return false;
    const found = getUint64(view, at + 12);
    if (found >= sequence && found <= latest && frameAt(bytes, at, seed)) return true;
  }
  return false;
}

/**
 * Decodes a record. Its entries share one copy of its bytes, so that they do not keep a whole segment in memory.
 *
 * @throws RangeError if the checksum is correct but the content makes no sense
 */
export function decodeRecord(bytes: Uint8Array, frame: Frame): LogRecord {
  const record = bytes.slice(frame.start, frame.end - checksumBytes);
  const view = new DataView(record.buffer);
  const type = types.get(view.getUint8(5));
  if (!type) throw new RangeError(`unknown record type ${view.getUint8(5)}`);
  const position = { index: getUint64(view, 20), term: getUint64(view, 28) };
  const { hardState, end } = readHardState(view, headerBytes);
  const entries = decodeEntries(view, record, end, position.index);
  return { type, sequence: frame.sequence, position, hardState, entries };
}

function decodeEntries(view: DataView, record: Uint8Array, start: number, prevIndex: number): LogEntry[] {
  const entries: LogEntry[] = [];
  const count = view.getUint32(start, true);
  let offset = start + 4;
  for (let i = 1; i <= count; i++) {
    const dataStart = offset + entryBytes;
    const dataEnd = dataStart + view.getUint32(offset + 9, true);
    if (dataEnd > record.length) throw new RangeError(`entry ${prevIndex + i} is longer than its record`);
    const index = prevIndex + i;
    entries.push({
      type: typeOfCode(view.getUint8(offset), index),
      index,
      term: getUint64(view, offset + 1),
      data: record.subarray(dataStart, dataEnd),
    });
    offset = dataEnd;
  }
  return entries;
}
