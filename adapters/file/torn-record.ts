import { crc32c } from "../rules/index.ts";
import { checksumBytes, claimedEnd, headerBytes } from "./record.ts";

/** What storage devices write as one. */
const sectorBytes = 512;

/**
 * Whether the remains of a record can be those of a write that was cut short, and so was never acknowledged. The
 * place it was written to held zeros, and a device stores whole sectors: of a torn record one sector at least still
 * is what it was, or its end never left the process. Remains that fill all of their sectors to the end were once
 * complete, and have changed since.
 *
 * @param start where the record starts, as an offset in the file, which `bytes` hold from its beginning
 * @param writtenEnd the end of the last byte in the file that is not zero
 */
export function isTorn(bytes: Uint8Array, start: number, writtenEnd: number): boolean {
  const end = claimedEnd(bytes, start);
  if (end === undefined) return lacksHeader(bytes, start, writtenEnd);
  if (end > bytes.length) return true;
  const checksumStart = end - checksumBytes;
  return (
    sectorsFrom(start, checksumStart).some((from) => isZero(bytes, from, Math.min(nextSector(from), end))) ||
    isCutOff(bytes, start, writtenEnd, end)
  );
}

/** Whether a part of the header was never stored. It may end in zeros itself, but then what follows them is none. */
function lacksHeader(bytes: Uint8Array, start: number, writtenEnd: number): boolean {
  const headerEnd = start + headerBytes;
  if (writtenEnd <= headerEnd) return true;
  return sectorsFrom(start, headerEnd).some((from) => isZero(bytes, from, nextSector(from)));
}

/**
 * Whether the end of a record is missing: where that is in its checksum, what is there of it must be right. A
 * checksum may end in zeros, so that these alone say nothing.
 */
function isCutOff(bytes: Uint8Array, start: number, writtenEnd: number, end: number): boolean {
  if (writtenEnd >= end) return false;
  const checksumStart = end - checksumBytes;
  const checksum = new Uint8Array(checksumBytes);
  new DataView(checksum.buffer).setUint32(0, crc32c(bytes.subarray(start, checksumStart)), true);
  const left = bytes.subarray(checksumStart, Math.max(checksumStart, writtenEnd));
  return left.every((byte, at) => byte === checksum[at]);
}

/** The parts of `start` to `end` that lie in a sector each, by where they start. */
function sectorsFrom(start: number, end: number): number[] {
  const starts = [start];
  for (let from = nextSector(start); from < end; from = nextSector(from)) starts.push(from);
  return starts;
}

function nextSector(offset: number): number {
  return offset - (offset % sectorBytes) + sectorBytes;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes.subarray(from, to).every((byte) => byte === 0);
}
