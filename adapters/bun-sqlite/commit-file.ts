import { closeSync, fdatasyncSync, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { InvariantViolation } from "../../src/raft/index.ts";
import { type CommitRecord, decodeCommitRecord, encodeCommitRecord } from "./commit-record.ts";

/**
 * A file outside SQLite with the newest commit record, synced. Two slots are written alternately, so that the previous
 * record stays whole while the next is written. A slot: length of the record 4, little-endian | the record.
 */
export class CommitFile {
  /** The newest record in the file. */
  readonly newest: CommitRecord;
  readonly #descriptor: number;
  #nextSlot: number;

  private constructor(descriptor: number, newest: CommitRecord, nextSlot: number) {
    this.newest = newest;
    this.#descriptor = descriptor;
    this.#nextSlot = nextSlot;
  }

  /** @returns undefined if there is no file; `damaged` if neither slot contains a record */
  static open(path: string): CommitFile | "damaged" | undefined {
    const descriptor = openExisting(path);
    if (descriptor === undefined) return undefined;
    const slots = [0, 1].map((slot) => readSlot(descriptor, slot));
    const [first, second] = slots;
    const newestSlot = (first?.sequence ?? -1) >= (second?.sequence ?? -1) ? 0 : 1;
    const newest = slots[newestSlot];
    if (newest) return new CommitFile(descriptor, newest, 1 - newestSlot);
    closeSync(descriptor);
    return "damaged";
  }

  /** Creates the file with its first record. Both are durable when it returns. */
  static create(path: string, record: CommitRecord): CommitFile {
    const temporary = `${path}.tmp`;
    const descriptor = openSync(temporary, "w+");
    try {
      const file = new CommitFile(descriptor, record, 0);
      file.settle(record);
      renameSync(temporary, path);
      syncDirectory(dirname(path));
      return file;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Overwrites the older of the two records. The new one is durable when it returns. */
  write(record: CommitRecord): void {
    const content = encodeCommitRecord(record);
    const bytes = new Uint8Array(lengthBytes + content.length);
    if (bytes.length > slotBytes) throw new InvariantViolation("a commit record fits into its slot");
    new DataView(bytes.buffer).setUint32(0, content.length, true);
    bytes.set(content, lengthBytes);
    writeAll(this.#descriptor, bytes, this.#nextSlot * slotBytes);
    fdatasyncSync(this.#descriptor);
    this.#nextSlot = 1 - this.#nextSlot;
  }

  /** Writes a record into both slots, the older one first, because an earlier sync may have failed unnoticed. */
  settle(record: CommitRecord): void {
    this.write(record);
    this.write(record);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Fits a configuration of several KiB. On any device the two slots are in different blocks. */
const slotBytes = 16_384;
const lengthBytes = 4;

function readSlot(descriptor: number, slot: number): CommitRecord | undefined {
  const bytes = new Uint8Array(slotBytes);
  const filled = readSync(descriptor, bytes, 0, slotBytes, slot * slotBytes);
  if (filled < lengthBytes) return undefined;
  const end = lengthBytes + new DataView(bytes.buffer).getUint32(0, true);
  return end <= filled ? decodeCommitRecord(bytes.subarray(lengthBytes, end)) : undefined;
}

function writeAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, offset + written);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, "r+");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

export function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
