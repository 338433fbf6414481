import type { SnapshotMeta } from "../../src/raft/index.ts";
import { crc32 } from "../checksum/index.ts";
import { getUint64, setUint64 } from "./uint64.ts";

/**
 * A snapshot's file, little-endian, in bytes:
 *
 *     header:  magic 4 | version 4 | lastIncludedIndex 8 | lastIncludedTerm 8 | CRC32 over all before it 4
 *     blocks:  data 65,536, the last one less | CRC32 of it 4
 *     trailer: magic 4 | size of all data 8 | CRC32 over all before it and the checksums of header and blocks 4
 *
 * The trailer's checksum covers the whole file through the checksums of its parts.
 */
export const blockBytes: number = 64 * 1024;
export const headerBytes = 28;
export const trailerBytes = 16;
export const checksumBytes = 4;

const headerMagic = 0x53465552; // "RUFS"
const trailerMagic = 0x45465552; // "RUFE"
const version = 1;

export function blockCount(size: number): number {
  return Math.ceil(size / blockBytes);
}

/** Returns the offset of a block in the file. */
export function blockOffset(block: number): number {
  return headerBytes + block * (blockBytes + checksumBytes);
}

/** Returns the offset of the trailer in the file of a snapshot of `size` bytes. */
export function trailerOffset(size: number): number {
  return headerBytes + size + blockCount(size) * checksumBytes;
}

export function encodeHeader({ lastIncludedIndex, lastIncludedTerm }: SnapshotMeta): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerMagic, true);
  view.setUint32(4, version, true);
  setUint64(view, 8, lastIncludedIndex);
  setUint64(view, 16, lastIncludedTerm);
  view.setUint32(24, crc32(bytes.subarray(0, 24)), true);
  return bytes;
}

/** @returns undefined if the bytes are not a whole header */
export function decodeHeader(bytes: Uint8Array): SnapshotMeta | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== headerMagic || view.getUint32(4, true) !== version) return undefined;
  if (view.getUint32(24, true) !== crc32(bytes.subarray(0, 24))) return undefined;
  return { lastIncludedIndex: getUint64(view, 8), lastIncludedTerm: getUint64(view, 16) };
}

export function headerChecksum(meta: SnapshotMeta): number {
  return viewOf(encodeHeader(meta)).getUint32(24, true);
}

/** @param checksums those of the header and of every block, in order */
export function encodeTrailer(size: number, checksums: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(trailerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, trailerMagic, true);
  setUint64(view, 4, size);
  const covered = new Uint8Array(12 + 4 * checksums.length);
  covered.set(bytes.subarray(0, 12));
  const coveredView = new DataView(covered.buffer);
  for (const [i, checksum] of checksums.entries()) coveredView.setUint32(12 + 4 * i, checksum, true);
  view.setUint32(12, crc32(covered), true);
  return bytes;
}

/** Returns the size of the data in a file of this size, or undefined if no snapshot has this size. */
export function sizeOfData(fileBytes: number): number | undefined {
  const rest = fileBytes - headerBytes - trailerBytes;
  const blocks = Math.ceil(rest / (blockBytes + checksumBytes));
  const size = rest - blocks * checksumBytes;
  return rest >= 0 && blockCount(size) === blocks ? size : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
