import type { Folder, TemporaryFile } from "./folder.ts";
import { encodeSegmentHeader, type SegmentHeader } from "./segment-header.ts";

/** Synced piece by piece, so that the log's own syncs never wait behind a whole file. */
const pieceBytes = 1024 * 1024;

/** As the system's own error. */
class NoSpaceError extends Error {
  readonly code = "ENOSPC";

  constructor(neededBytes: number, freeBytes: number) {
    super(`${neededBytes} bytes are needed, ${freeBytes} are free`);
  }
}

/** A file with a header and nothing but blank space behind it, durable under its temporary name. */
export interface PreallocatedFile extends TemporaryFile {
  readonly header: SegmentHeader;
}

/** Makes a blank file: a sync of what is later written over it has no size and no block to store. */
export async function preallocate(folder: Folder, header: SegmentHeader): Promise<PreallocatedFile> {
  const freeBytes = await folder.freeBytes();
  // Filling what is left, only to remove it again, would wear the device out with each try.
  if (freeBytes < header.size) throw new NoSpaceError(header.size, freeBytes);
  const temporary = await folder.createTemporary("segment");
  try {
    const { size, blank } = header;
    const words = new Uint32Array(Math.min(pieceBytes, size) / Uint32Array.BYTES_PER_ELEMENT);
    const piece = new Uint8Array(words.buffer);
    for (let start = 0; start < size; start += pieceBytes) {
      blank.fill(words, start);
      if (start === 0) piece.set(encodeSegmentHeader(header));
      await temporary.file.writeAt(start, piece.subarray(0, size - start));
      await temporary.file.datasync();
    }
    return { ...temporary, header };
  } catch (error) {
    // What remains of it is removed at the next load, if not now.
    await folder.discard(temporary).catch(() => {});
    throw error;
  }
}
