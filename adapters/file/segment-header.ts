import type { Random } from "../../src/ports/index.ts";
import { crc32 } from "../checksum/index.ts";
import { type BlankKey, BlankSpace } from "./blank-space.ts";
import { getUint64, setUint64 } from "./uint64.ts";

/**
 * The first bytes of a segment's file, little-endian:
 *
 *     0 magic 4 | 4 version 4 | 8 size of the file 8 | 16 key of its blank space 8 | 24 CRC32 over all before it 4
 *
 * The first record follows.
 */
export const segmentHeaderBytes = 28;

const magic = 0x47465552; // "RUFG"
const version = 2;
/** A segment of version 1 began with its first record. */
const magicOfVersion1 = 0x4c465552; // "RUFL"

/** The constants of a segment. */
export interface SegmentHeader {
  /** Size of the file in bytes. Constant, because files are filled with blank space before use. */
  readonly size: number;
  readonly key: BlankKey;
  readonly blank: BlankSpace;
  /** The start value of every checksum in this file, so that records of other files are invalid here. */
  readonly seed: number;
}

/** @param random a source that outsiders cannot predict */
export function drawHeader(size: number, random: Random): SegmentHeader {
  const key = [Math.floor(random() * 2 ** 32), Math.floor(random() * 2 ** 32)] as const;
  return { size, key, blank: new BlankSpace(key), seed: seedOf(encodeFields(size, key)) };
}

export function encodeSegmentHeader({ size, key, seed }: SegmentHeader): Uint8Array {
  const bytes = encodeFields(size, key);
  new DataView(bytes.buffer).setUint32(24, seed, true);
  return bytes;
}

/** Returns undefined if the bytes do not start with an intact header. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < segmentHeaderBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== version) return undefined;
  const seed = seedOf(bytes);
  if (view.getUint32(24, true) !== seed) return undefined;
  const key = [view.getUint32(16, true), view.getUint32(20, true)] as const;
  return { size: getUint64(view, 8), key, blank: new BlankSpace(key), seed };
}

/** Returns whether a file is a segment of version 0.1 of this package. */
export function isOfVersion1(bytes: Uint8Array): boolean {
  if (bytes.length < segmentHeaderBytes) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(0, true) === magicOfVersion1;
}

function encodeFields(size: number, [low, high]: BlankKey): Uint8Array {
  const bytes = new Uint8Array(segmentHeaderBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, version, true);
  setUint64(view, 8, size);
  view.setUint32(16, low, true);
  view.setUint32(20, high, true);
  return bytes;
}

function seedOf(header: Uint8Array): number {
  return crc32(header.subarray(0, 24));
}
