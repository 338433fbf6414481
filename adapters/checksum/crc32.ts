import zlib from "node:zlib";
import inJavaScript from "crc-32/crc32.js";

/** Node has it from 20.15 on. It takes a thirtieth of the time on Bun, and a third on Node; of 100 B both take 0.1 us. */
const native: ((bytes: Uint8Array, before?: number) => number) | undefined = zlib.crc32;

/**
 * The checksum of everything that is stored: CRC32, unsigned.
 *
 * @param before checksum of the preceding bytes. Default: 0, for none
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  return native === undefined ? inJavaScript.buf(bytes, before) >>> 0 : native(bytes, before);
}
