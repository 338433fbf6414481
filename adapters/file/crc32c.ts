import castagnoli from "crc-32/crc32c.js";

/** The checksum of everything this folder stores: CRC32C, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  return castagnoli.buf(bytes) >>> 0;
}
