import castagnoli from "crc-32/crc32c.js";

/**
 * The checksum of everything that is stored: CRC32C, unsigned.
 *
 * @param before the checksum of the bytes that come before, where there are some
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  return castagnoli.buf(bytes, before) >>> 0;
}
