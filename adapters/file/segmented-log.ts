import type { DiskFile, Logger, Random } from "../../src/ports/index.ts";
import type { HardState, LogEntry, LogPosition, WriteBatch } from "../../src/raft/index.ts";
import type { TermRuns } from "../shared/index.ts";
import { wordAligned } from "./blank-space.ts";
import { segmentName } from "./file-names.ts";
import type { Folder } from "./folder.ts";
import type { RecoveredLog, Segment } from "./log-recovery.ts";
import { type PreallocatedFile, preallocate } from "./preallocate.ts";
import {
  encodeRecord,
  largestBareRecordBytes,
  type RecordType,
  recordBytes,
  smallestRecordBytes,
} from "./record.ts";
import { drawHeader, encodeSegmentHeader, type SegmentHeader, segmentHeaderBytes } from "./segment-header.ts";
import { isFull, orFull } from "./shortage.ts";

const smallestBufferBytes = 64 * 1024;
/** A larger record gets a new buffer. */
const largestBufferBytes = 4 * 1024 * 1024;

/** Enough for about two hundred terms. */
const largestReserveBytes = 16 * 1024;

export interface LogOptions {
  /** Size of each file in bytes. A file is larger if one record needs it. */
  readonly segmentBytes: number;
  /** Draws the keys of blank space. */
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * The write-ahead log: records in files of `segmentBytes`. Callers wait for each call before the next one. After an
 * error nothing more may be written.
 */
export class SegmentedLog {
  readonly termRuns: TermRuns;
  /** Bytes of records written so far, including those found at the start. */
  writtenBytes: number;

  readonly #folder: Folder;
  readonly #options: LogOptions;
  readonly #segments: Segment[];
  #hardState: HardState;
  #nextSequence: number;
  #closed: boolean;

  /** The last segment, its header, and the offset of the next record. */
  #file: DiskFile | undefined;
  #header: SegmentHeader | undefined;
  #end: number;

  /** The buffer for encoding one record at a time: allocating memory for each costs more than the encoding. */
  #buffer = new Uint8Array(smallestBufferBytes);

  /** The preallocated file for the next segment. On a full disk it serves as reserve. */
  #spare: Promise<PreallocatedFile | undefined> | undefined;

  private constructor(folder: Folder, recovered: RecoveredLog, options: LogOptions) {
    this.#folder = folder;
    this.#options = options;
    this.termRuns = recovered.contents.termRuns;
    this.writtenBytes = recovered.liveBytes;
    this.#segments = [...recovered.segments];
    this.#hardState = recovered.hardState;
    this.#nextSequence = recovered.nextSequence;
    this.#closed = recovered.closed;
    this.#end = recovered.end;
  }

  /** Continues a recovered log, which may be empty. */
  static async open(folder: Folder, recovered: RecoveredLog, options: LogOptions): Promise<SegmentedLog> {
    const log = new SegmentedLog(folder, recovered, options);
    const last = recovered.segments.at(-1);
    if (last) {
      log.#file = await folder.open(last.name);
      log.#header = last.header;
    } else {
      await log.#beginSegment(0);
    }
    return log;
  }

  /** Appends a batch at a position from `termRuns.positionOf`. It is durable when the promise resolves. */
  async append({ hardState, entries }: WriteBatch, position: LogPosition): Promise<void> {
    await this.#write("batch", position, hardState, entries);
    this.termRuns.append(position, entries);
    this.#hardState = hardState ?? this.#hardState;
  }

  /** Deletes the segments whose entries are all covered by a durable snapshot. */
  async dropCovered(lastIncludedIndex: number): Promise<void> {
    for (;;) {
      const [oldest, next] = this.#segments;
      if (!oldest || !next || next.prevIndex > lastIncludedIndex) return;
      await this.#folder.remove(oldest.name);
      this.#segments.shift();
    }
  }

  /** Deletes the spare file, if any, to free its space. */
  async releaseSpare(): Promise<void> {
    const spare = await this.#takeSpare();
    if (spare) await this.#folder.discard(spare);
  }

  /** @param healthy whether everything succeeded so far; only then is a graceful end recorded */
  async close(healthy: boolean): Promise<void> {
    try {
      if (healthy && !this.#closed) await this.#write("close", this.termRuns.last, undefined, []);
    } finally {
      // If the spare file cannot be removed now, the next load removes it.
      await this.releaseSpare().catch(() => {});
      await this.#file?.close();
    }
  }

  async #write(
    type: RecordType,
    position: LogPosition,
    hardState: HardState | undefined,
    entries: readonly LogEntry[],
  ): Promise<void> {
    const bytes = recordBytes({ hardState, entries });
    if (type === "batch" && !this.#fits(bytes + this.#reserveBytes))
      await this.#startSegmentFor(bytes, entries);
    const sequence = this.#nextSequence;
    const record = { type, sequence, position, hardState, entries };
    await this.#file?.writeDurably(this.#end, encodeRecord(record, this.#seed, this.#bufferFor(bytes)));
    this.#end += bytes;
    this.#nextSequence++;
    this.#closed = type === "close";
    this.writtenBytes += bytes;
    if (type === "batch" && this.#end > this.#capacity / 2) this.#spare ??= this.#createSpare();
  }

  #bufferFor(recordBytes: number): Uint8Array {
    if (recordBytes > this.#buffer.length && recordBytes <= largestBufferBytes) {
      this.#buffer = new Uint8Array(Math.min(2 * recordBytes, largestBufferBytes));
    }
    return this.#buffer;
  }

  /**
   * Starts the next segment. On a full disk, a record without commands goes into the reserved end of the current
   * segment, so that elections still work.
   *
   * @throws PersisterError `full` if there is no space; nothing was written then
   */
  async #startSegmentFor(bytes: number, entries: readonly LogEntry[]): Promise<void> {
    try {
      await this.#beginSegment(bytes);
    } catch (error) {
      const isSmall = entries.every(({ type }) => type === "noop") && this.#fits(bytes);
      if (!isFull(error) || !isSmall) throw error;
    }
  }

  /** Leaves space for the record of a graceful end. */
  #fits(bytes: number): boolean {
    return this.#end + bytes + smallestRecordBytes <= this.#capacity;
  }

  /** Reserved at the end of each segment for votes and terms, in case no further segment can be created. */
  get #reserveBytes(): number {
    return Math.min(largestReserveBytes, Math.floor(this.#options.segmentBytes / 8));
  }

  /** Continues in a new file with space for a record of `bytes`, which repeats all state outside the log's entries. */
  async #beginSegment(bytes: number): Promise<void> {
    const needed = segmentHeaderBytes + largestBareRecordBytes + bytes + smallestRecordBytes;
    const { segmentBytes } = this.#options;
    const spare = needed <= segmentBytes ? await this.#takeSpare() : undefined;
    const task = `make the next segment of the log in ${this.#folder.path}`;
    const blank = spare ?? (await orFull(task, () => this.#createBlank(Math.max(segmentBytes, needed))));
    const { header } = blank;
    const sequence = this.#nextSequence;
    const position = this.termRuns.last;
    const hardState = this.#hardState;
    const first = encodeRecord({ type: "segment", sequence, position, hardState, entries: [] }, header.seed);
    const name = segmentName(sequence);
    try {
      await blank.file.writeAt(0, joined(encodeSegmentHeader(header), first));
      await blank.file.datasync();
      await this.#folder.publish(blank, name);
    } catch (error) {
      await blank.file.close();
      throw error;
    }
    await this.#file?.close();
    this.#segments.push({ name, header, sequence, prevIndex: position.index });
    this.#file = blank.file;
    this.#header = header;
    this.#end = segmentHeaderBytes + first.length;
    this.#nextSequence++;
  }

  async #takeSpare(): Promise<PreallocatedFile | undefined> {
    const spare = await this.#spare;
    this.#spare = undefined;
    return spare;
  }

  /** If this fails, the next segment is created when it is needed, and an error counts only then. */
  async #createSpare(): Promise<PreallocatedFile | undefined> {
    try {
      return await this.#createBlank(this.#options.segmentBytes);
    } catch (error) {
      this.#options.logger.warn("could not prepare the next segment of the log", {
        event: "disk.notPrepared",
        error,
      });
      return undefined;
    }
  }
  #createBlank(size: number): Promise<PreallocatedFile> {
    return preallocate(this.#folder, drawHeader(wordAligned(size), this.#options.random));
  }

  get #capacity(): number {
    return this.#header?.size ?? 0;
  }

  get #seed(): number {
    return this.#header?.seed ?? 0;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
