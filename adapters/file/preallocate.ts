import type { Folder, TemporaryFile } from "./folder.ts";
import { encodeSegmentHeader, type SegmentHeader } from "./segment-header.ts";

/** Synced in pieces of this size, in bytes, so that the log's own syncs never wait for a whole file. */
const pieceBytes = 1024 * 1024;

/** Has the same code as the system's error. */
class NoSpaceError extends Error {
  readonly code = "ENOSPC";

  constructor(neededBytes: number, freeBytes: number) {
    super(`${neededBytes} bytes are needed, ${freeBytes} are free`);
  }
}

/** A file with a header and blank space, durable under a temporary name. */
export interface PreallocatedFile extends TemporaryFile {
  readonly header: SegmentHeader;
}

/** Creates a file full of blank space. Later syncs of data in it need not store a new size or new blocks. */
export async function preallocate(folder: Folder, header: SegmentHeader): Promise<PreallocatedFile> {
  const freeBytes = await folder.freeBytes();
  // Checked first, because filling the rest of the disk only to delete the file again would wear the device at each
  // try.
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
    // If it cannot be removed now, the next load removes it.
    await folder.discard(temporary).catch(() => {});
    throw error;
  }
}
