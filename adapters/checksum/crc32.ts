import zlib from "node:zlib";
import inJavaScript from "crc-32/crc32.js";

/**
 * Node has it since 20.15. It takes a thirtieth of the time on Bun and a third on Node; for 100 bytes both take 0.1 µs.
 */
const native: ((bytes: Uint8Array, before?: number) => number) | undefined = zlib.crc32;

/**
 * CRC32, unsigned: the checksum of all stored data.
 *
 * @param before checksum of the preceding bytes. Default: 0, for none
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  return native === undefined ? inJavaScript.buf(bytes, before) >>> 0 : native(bytes, before);
}
