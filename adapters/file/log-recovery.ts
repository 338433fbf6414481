import { type DiskFile, type Logger, PersisterError } from "../../src/ports/index.ts";
import { emptyState, type HardState, type SnapshotMeta } from "../../src/raft/index.ts";
import { LogContents } from "../shared/index.ts";
import { segmentName, segmentNames } from "./file-names.ts";
import type { Folder } from "./folder.ts";
import { onlyThisVersion } from "./meta-file.ts";
import {
  decodeRecord,
  type Frame,
  frameAt,
  hasRecordFrom,
  type LogRecord,
  largestBareRecordBytes,
} from "./record.ts";
import {
  decodeSegmentHeader,
  isOfVersion1,
  type SegmentHeader,
  segmentHeaderBytes,
} from "./segment-header.ts";
import { isTorn } from "./torn-record.ts";

export interface Segment {
  readonly name: string;
  readonly header: SegmentHeader;
  /** The sequence of its first record. */
  readonly sequence: number;
  /** The log's last index when the segment began. Entries at or below it need no older segment. */
  readonly prevIndex: number;
}

/** A segment whose file is open and was read. */
interface ReadSegment {
  readonly folder: Folder;
  readonly segment: Segment;
  readonly file: DiskFile;
  readonly bytes: Uint8Array;
}

/** The contents of a log's segments; an empty log if there are none. */
export class RecoveredLog {
  readonly contents: LogContents = new LogContents();
  hardState: HardState = emptyState.hardState;
  /** Oldest first, including those that the snapshot makes obsolete. */
  segments: Segment[] = [];
  /** The offset in the last segment of the next record, in bytes. */
  end = 0;
  nextSequence = 1;
  /** Whether the last record marks a graceful end. */
  closed = false;
  /** Bytes of the records with entries beyond the snapshot. */
  liveBytes = 0;
}

/**
 * Reads the log. A bad record before a good one is corruption. A torn last record was never acknowledged,
 * because one write is in flight at a time, and the next one waits for its sync. So it is removed. A bad last record that
 * was whole once is corruption too.
 *
 * @throws PersisterError `corrupt`
 */
export async function recoverLog(
  folder: Folder,
  snapshot: SnapshotMeta | undefined,
  logger: Logger,
): Promise<RecoveredLog> {
  const log = new RecoveredLog();
  log.segments = await readSegments(folder);
  const covered = snapshot?.lastIncludedIndex ?? 0;
  const first = log.segments.findLastIndex((segment) => segment.prevIndex <= covered);
  const needed = log.segments.slice(Math.max(first, 0));
  for (const [i, segment] of needed.entries()) {
    log.nextSequence = segment.sequence;
    await withFile(folder, segment.name, async (file) => {
      const bytes = await file.readAt(0, await file.size());
      const read = { folder, segment, file, bytes };
      const last = replay(read, log, covered);
      const next = needed[i + 1];
      if (!next) await settleTail(read, last, logger);
      else if (next.sequence !== log.nextSequence) {
        throw folder.corrupt(segment.name, last.end, `record ${log.nextSequence} is missing`);
      }
    });
  }
  if (snapshot) log.contents.cover(snapshot);
  const { index } = log.contents.termRuns.prev;
  if (index > covered) {
    const name = needed[0]?.name ?? "";
    throw folder.corrupt(name, 0, `its entries start after index ${index}, but no snapshot reaches that far`);
  }
  return log;
}

/** Reads the header and the first record of every segment. */
async function readSegments(folder: Folder): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of segmentNames(await folder.list())) {
    segments.push(await withFile(folder, name, (file) => readSegment(folder, name, file)));
  }
  return segments;
}

async function readSegment(folder: Folder, name: string, file: DiskFile): Promise<Segment> {
  const bytes = await file.readAt(0, segmentHeaderBytes + largestBareRecordBytes);
  if (isOfVersion1(bytes)) {
    throw new PersisterError(
      "mismatch",
      `${folder.path}/${name} was written by an earlier build of version 0.1, in format 1; ${onlyThisVersion}`,
    );
  }
  const header = decodeSegmentHeader(bytes);
  if (!header) throw folder.corrupt(name, 0, "its header has changed");
  const size = await file.size();
  if (size !== header.size) {
    const problem = `the file has ${size} bytes instead of ${header.size}, and its size never changes`;
    throw folder.corrupt(name, Math.min(size, header.size), problem);
  }
  const frame = frameAt(bytes, segmentHeaderBytes, header.seed);
  const record = frame && decode(folder, name, bytes, frame);
  if (record?.type !== "segment" || name !== segmentName(record.sequence)) {
    throw folder.corrupt(name, 0, "its first record has changed");
  }
  return { name, header, sequence: record.sequence, prevIndex: record.position.index };
}

/** Adds the good records of a segment to the log, up to the first bad one. Returns the last good one. */
function replay({ folder, segment, bytes }: ReadSegment, log: RecoveredLog, covered: number): Frame {
  let last: Frame | undefined;
  const { name, header } = segment;
  const { seed } = header;
  for (let frame = frameAt(bytes, segmentHeaderBytes, seed); frame; frame = frameAt(bytes, frame.end, seed)) {
    if (frame.sequence !== log.nextSequence) {
      throw folder.corrupt(
        name,
        frame.start,
        `record ${frame.sequence} is in the place of record ${log.nextSequence}`,
      );
    }
    const record = decode(folder, name, bytes, frame);
    log.contents.append(record.position, record.entries);
    log.hardState = record.hardState ?? log.hardState;
    log.closed = record.type === "close";
    log.end = frame.end;
    log.nextSequence++;
    if (log.contents.termRuns.last.index > covered) log.liveBytes += frame.end - frame.start;
    last = frame;
  }
  if (!last) throw folder.corrupt(name, 0, "its first record has changed since it was last read");
  return last;
}

/**
 * Makes the end of the log durable as it was read. Remains of a torn record become blank space, so that they are never
 * read later. The last record is rewritten, because its sync may have failed in an earlier process. Then the system may
 * hold it in memory as clean without ever having stored it.
 */
async function settleTail(
  { folder, segment, file, bytes }: ReadSegment,
  last: Frame,
  logger: Logger,
): Promise<void> {
  const { name, header } = segment;
  const writtenEnd = header.blank.writtenEnd(bytes, last.end);
  if (writtenEnd > last.end) {
    if (hasRecordFrom(last.sequence + 1, bytes.subarray(last.end), header.seed)) {
      throw folder.corrupt(
        name,
        last.end,
        `record ${last.sequence + 1} is damaged, but later ones are whole`,
      );
    }
    if (!isTorn(bytes, last.end, writtenEnd, header)) {
      throw folder.corrupt(name, last.end, "its last record has changed since it was written");
    }
    logger.warn(
      "cut a torn record of {bytes} bytes off {segment} at byte {offset}: it was never acknowledged",
      { event: "log.cut", segment: name, offset: last.end, bytes: writtenEnd - last.end },
    );
    await file.writeAt(last.end, header.blank.bytes(last.end, writtenEnd));
  }
  await file.writeAt(last.start, bytes.subarray(last.start, last.end));
  await file.datasync();
}

function decode(folder: Folder, name: string, bytes: Uint8Array, frame: Frame): LogRecord {
  try {
    return decodeRecord(bytes, frame);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw folder.corrupt(
      name,
      frame.start,
      `its checksum is right, but its content makes no sense: ${why}`,
      error,
    );
  }
}

async function withFile<T>(folder: Folder, name: string, work: (file: DiskFile) => Promise<T>): Promise<T> {
  const file = await folder.open(name);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}
