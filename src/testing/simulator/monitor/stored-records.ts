import crc32js from "crc-32/crc32.js";
import { hashOfBytes } from "../world/index.ts";

/**
 * A second reader of the file persister's format, written only from its description. It compares what the persister
 * believes it stored with what is there.
 */

export interface StoredEntry {
  readonly term: number;
  /** Of type and data. */
  readonly hash: number;
}

export interface StoredHardState {
  readonly term: number;
  /** Empty for none. */
  readonly votedFor: string;
  readonly countedPeers: readonly string[];
}

export interface StoredRecord {
  readonly sequence: number;
  /** The index before the entries. */
  readonly index: number;
  readonly term: number;
  readonly hardState: StoredHardState | undefined;
  readonly entries: readonly StoredEntry[];
  readonly end: number;
}

const SEGMENT_MAGIC = 0x47465552;
const SEGMENT_HEADER_BYTES = 28;
const RECORD_MAGIC = 0x4c465552;
const SNAPSHOT_MAGIC = 0x53465552;
const TRAILER_MAGIC = 0x45465552;
const HEADER_BYTES = 36;
const SMALLEST_BYTES = 48;
const SMALLEST_SNAPSHOT_BYTES = 40 + 16;
const SLOT_BYTES = 4096;

/** The start of a segment's records, and the seed of their checksums. */
export interface StoredSegment {
  readonly start: number;
  readonly seed: number;
}

/** Returns undefined if the bytes do not start with the whole header of a segment of their size. */
export function segmentIn(bytes: Uint8Array): StoredSegment | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== SEGMENT_MAGIC || uint64(view, 8) !== bytes.length) return undefined;
  const seed = crc32js.buf(bytes.subarray(0, 24)) >>> 0;
  return view.getUint32(24, true) === seed ? { start: SEGMENT_HEADER_BYTES, seed } : undefined;
}

/** Returns the end of the last in the run of whole records from the segment's start; 0 for other files. */
export function recordsEnd(bytes: Uint8Array): number {
  const segment = segmentIn(bytes);
  if (segment === undefined) return 0;
  let end = segment.start;
  for (let at: number | undefined = end; at !== undefined; at = recordAt(bytes, at, segment.seed)?.end)
    end = at;
  return end;
}

/** Returns the record at an offset, or undefined if there is no whole one. */
export function recordAt(bytes: Uint8Array, start: number, seed: number): StoredRecord | undefined {
  if (start + SMALLEST_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(start, true) !== RECORD_MAGIC) return undefined;
  const end = start + view.getUint32(start + 8, true);
  if (end < start + SMALLEST_BYTES || end > bytes.length) return undefined;
  const checksum = crc32js.buf(bytes.subarray(start, end - 4), seed) >>> 0;
  if (checksum !== view.getUint32(end - 4, true)) return undefined;
  const { hardState, at } = hardStateAt(view, start + HEADER_BYTES);
  return {
    sequence: uint64(view, start + 12),
    index: uint64(view, start + 20),
    term: uint64(view, start + 28),
    hardState,
    entries: entriesAt(view, bytes, at),
    end,
  };
}

/** What a snapshot's file covers. */
export interface StoredSnapshot {
  readonly index: number;
  readonly term: number;
  /** The index of the configuration in it; 0 for none. */
  readonly configurationIndex: number;
}

/** Returns undefined if the file is not whole. */
export function snapshotIn(bytes: Uint8Array): StoredSnapshot | undefined {
  if (bytes.length < SMALLEST_SNAPSHOT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== SNAPSHOT_MAGIC) return undefined;
  if (view.getUint32(bytes.length - 16, true) !== TRAILER_MAGIC) return undefined;
  return { index: uint64(view, 12), term: uint64(view, 20), configurationIndex: uint64(view, 28) };
}

/** Returns the number of starts in a file `starts`, or undefined if it is not whole. */
export function startsIn(bytes: Uint8Array): number | undefined {
  if (bytes.length < 2 * SLOT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Math.max(view.getUint32(4), view.getUint32(SLOT_BYTES + 4));
}

function hardStateAt(view: DataView, start: number): { hardState: StoredRecord["hardState"]; at: number } {
  if (view.getUint8(start) === 0) return { hardState: undefined, at: start + 1 };
  const names: string[] = [];
  let at = start + 10;
  for (let left = view.getUint8(start + 9); left > 0; left--) {
    const length = view.getUint8(at++);
    let name = "";
    for (let i = 0; i < length; i++) name += String.fromCharCode(view.getUint8(at + i));
    names.push(name);
    at += length;
  }
  const [votedFor = "", ...countedPeers] = names;
  return { hardState: { term: uint64(view, start + 1), votedFor, countedPeers }, at };
}

function entriesAt(view: DataView, bytes: Uint8Array, start: number): StoredEntry[] {
  const entries: StoredEntry[] = [];
  let at = start + 4;
  for (let left = view.getUint32(start, true); left > 0; left--) {
    const end = at + 13 + view.getUint32(at + 9, true);
    const hash = hashOfBytes(bytes.subarray(at + 13, end), view.getUint8(at));
    entries.push({ term: uint64(view, at + 1), hash });
    at = end;
  }
  return entries;
}

function uint64(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true);
}
