import { checksumBytes, claimedEnd, headerBytes } from "./record.ts";
import type { SegmentHeader } from "./segment-header.ts";

/** What storage devices write as one. */
const sectorBytes = 512;

/**
 * Whether the remains of a record can be those of a write that was cut short, and so was never acknowledged. The
 * space it was written to was blank, and a device stores whole sectors: of a torn record one sector at least still
 * is blank, or its end never left the process. A record that was whole never looks like that, whatever is in it,
 * because it cannot know what blank space looks like. Zeros are not blank: they come from elsewhere.
 *
 * @param start where the record starts, as an offset in the file, which `bytes` hold from its beginning
 * @param writtenEnd the end of the last word in the file that is not blank
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
  // Nothing is written behind a record before it is durable, and no record is longer than its file.
  if (end > bytes.length || writtenEnd > end) return false;
  return (
    writtenEnd <= end - checksumBytes ||
    sectorsFrom(start, end).some((from) => blank.covers(bytes, from, Math.min(nextSector(from), end)))
  );
}

/** Whether a part of the header was never stored. */
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

/** The parts of `start` to `end` that lie in a sector each, by where they start. */
function sectorsFrom(start: number, end: number): number[] {
  const starts = [start];
  for (let from = nextSector(start); from < end; from = nextSector(from)) starts.push(from);
  return starts;
}

function nextSector(offset: number): number {
  return offset - (offset % sectorBytes) + sectorBytes;
}
