import { checksumBytes, claimedEnd, headerBytes } from "./record.ts";
import type { SegmentHeader } from "./segment-header.ts";

/** The unit in which storage devices write. */
const sectorBytes = 512;

/**
 * Returns whether the remains of a record can come from a write that was cut short, and so was never acknowledged. The
 * space was blank before, and a device stores whole sectors. So at least one sector of a torn record is still blank, or
 * its end never left the process. A record that was whole never looks like that, with any contents, because it
 * cannot know the blank words. Zeros are not blank; they have another cause.
 *
 * @param start offset of the record in the file, which `bytes` holds from its beginning
 * @param writtenEnd the end of the last non-blank word in the file
 */
export function isTorn(
  bytes: Uint8Array,
  start: number,
  writtenEnd: number,
  segment: SegmentHeader,
): boolean {
  const { blank, seed } = segment;
  const end = claimedEnd(bytes, start, seed);
  if (end === undefined) return lacksHeader(bytes, start, writtenEnd, segment);
  // Nothing is written after a record before it is durable, and no record is longer than its file.
  if (end > bytes.length || writtenEnd > end) return false;
  return (
    writtenEnd <= end - checksumBytes ||
    sectorsFrom(start, end).some((from) => blank.covers(bytes, from, Math.min(nextSector(from), end)))
  );
}

/** Returns whether a part of the header was never stored. */
function lacksHeader(
  bytes: Uint8Array,
  start: number,
  writtenEnd: number,
  { blank }: SegmentHeader,
): boolean {
  const headerEnd = start + headerBytes;
  if (writtenEnd <= headerEnd) return true;
  return sectorsFrom(start, headerEnd).some((from) =>
    blank.covers(bytes, from, Math.min(nextSector(from), bytes.length)),
  );
}

/** Returns the starts of the parts of `start` to `end` that lie in one sector each. */
function sectorsFrom(start: number, end: number): number[] {
  const starts = [start];
  for (let from = nextSector(start); from < end; from = nextSector(from)) starts.push(from);
  return starts;
}

function nextSector(offset: number): number {
  return offset - (offset % sectorBytes) + sectorBytes;
}
