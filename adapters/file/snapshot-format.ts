import { invariant, type SnapshotMeta } from "../../src/raft/index.ts";
import { crc32 } from "../checksum/index.ts";
import { getUint64, setUint64 } from "./uint64.ts";

/**
 * A snapshot's file, little-endian, in bytes:
 *
 *     header:  magic 4 | version 4 | length of the header 4 | lastIncludedIndex 8 | lastIncludedTerm 8
 *              | index of the configuration 8, 0 for none | the configuration | CRC32 over all before it 4
 *     blocks:  data 65,536, the last one less | CRC32 of it 4
 *     trailer: magic 4 | size of all data 8 | CRC32 over all before it and the checksums of header and blocks 4
 *
 * The trailer's checksum covers the whole file through the checksums of its parts.
 */
export const blockBytes: number = 64 * 1024;
export const trailerBytes = 16;
export const checksumBytes = 4;

const headerMagic = 0x53465552; // "RUFS"
const trailerMagic = 0x45465552; // "RUFE"
const version = 2;
/** The header up to the configuration. */
export const fixedHeaderBytes = 36;
/** Limit of a header. A damaged length must not make a start read a whole snapshot into memory. */
const maxHeaderBytes = 64 * 1024;
/** The header without a configuration. */
const smallestHeaderBytes = fixedHeaderBytes + checksumBytes;

export function blockCount(size: number): number {
  return Math.ceil(size / blockBytes);
}

/** The size of a snapshot's header, in bytes. */
export function headerBytesOf({ configuration }: SnapshotMeta): number {
  return smallestHeaderBytes + (configuration?.data.length ?? 0);
}

/** Returns the offset of a block in the file. */
export function blockOffset(meta: SnapshotMeta, block: number): number {
  return headerBytesOf(meta) + block * (blockBytes + checksumBytes);
}

/** Returns the offset of the trailer in the file of a snapshot of `size` bytes. */
export function trailerOffset(meta: SnapshotMeta, size: number): number {
  return headerBytesOf(meta) + size + blockCount(size) * checksumBytes;
}

export function encodeHeader(meta: SnapshotMeta): Uint8Array {
  const { configuration } = meta;
  invariant(headerBytesOf(meta) <= maxHeaderBytes, "§6 a configuration fits into a snapshot's header");
  const bytes = new Uint8Array(headerBytesOf(meta));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerMagic, true);
  view.setUint32(4, version, true);
  view.setUint32(8, bytes.length, true);
  setUint64(view, 12, meta.lastIncludedIndex);
  setUint64(view, 20, meta.lastIncludedTerm);
  setUint64(view, 28, configuration?.index ?? 0);
  if (configuration !== undefined) bytes.set(configuration.data, fixedHeaderBytes);
  const end = bytes.length - checksumBytes;
  view.setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes;
}

/**
 * @param start the first `fixedHeaderBytes` of a file
 * @returns the size of the whole header in bytes; undefined if no header begins like this
 */
export function claimedHeaderBytes(start: Uint8Array): number | undefined {
  if (start.length < fixedHeaderBytes) return undefined;
  const view = viewOf(start);
  if (view.getUint32(0, true) !== headerMagic || view.getUint32(4, true) !== version) return undefined;
  const bytes = view.getUint32(8, true);
  return bytes <= maxHeaderBytes ? bytes : undefined;
}

/** @returns undefined if the bytes are not a whole header */
export function decodeHeader(bytes: Uint8Array): SnapshotMeta | undefined {
  if (bytes.length < smallestHeaderBytes || claimedHeaderBytes(bytes) !== bytes.length) return undefined;
  const view = viewOf(bytes);
  const end = bytes.length - checksumBytes;
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) return undefined;
  const index = getUint64(view, 28);
  const configuration = index === 0 ? undefined : { index, data: bytes.slice(fixedHeaderBytes, end) };
  return {
    lastIncludedIndex: getUint64(view, 12),
    lastIncludedTerm: getUint64(view, 20),
    ...(configuration && { configuration }),
  };
}

export function headerChecksum(meta: SnapshotMeta): number {
  const bytes = encodeHeader(meta);
  return viewOf(bytes).getUint32(bytes.length - checksumBytes, true);
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
export function sizeOfData(meta: SnapshotMeta, fileBytes: number): number | undefined {
  const rest = fileBytes - headerBytesOf(meta) - trailerBytes;
  const blocks = Math.ceil(rest / (blockBytes + checksumBytes));
  const size = rest - blocks * checksumBytes;
  return rest >= 0 && blockCount(size) === blocks ? size : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
