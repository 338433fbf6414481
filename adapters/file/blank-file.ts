import type { Folder, TemporaryFile } from "./folder.ts";

/** Synced piece by piece, so that the log's own syncs never wait behind a whole file of zeros. */
const pieceBytes = 1024 * 1024;

/** Makes a file of zeros: a sync of what is later written over them has no size and no block to store. */
export async function createBlankFile(folder: Folder, bytes: number): Promise<TemporaryFile> {
  const temporary = await folder.createTemporary("segment");
  try {
    const zeros = new Uint8Array(Math.min(bytes, pieceBytes));
    for (let offset = 0; offset < bytes; offset += zeros.length) {
      await temporary.file.writeAt(offset, zeros.subarray(0, bytes - offset));
      await temporary.file.datasync();
    }
    return temporary;
  } catch (error) {
    // What remains of it is removed at the next load, if not now.
    await folder.discard(temporary).catch(() => {});
    throw error;
  }
}
