import { crc32 } from "../checksum/index.ts";

/** A small value with its checksum: CRC32 of the text 4 bytes, little-endian | the value as JSON in UTF-8. */
const checksumBytes = 4;

export function seal(value: object): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(value));
  const bytes = new Uint8Array(checksumBytes + text.length);
  new DataView(bytes.buffer).setUint32(0, crc32(text), true);
  bytes.set(text, checksumBytes);
  return bytes;
}

/** @returns the sealed value, undefined if the bytes have changed since */
export function unseal(bytes: Uint8Array): unknown {
  if (bytes.length <= checksumBytes) return undefined;
  const text = bytes.subarray(checksumBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== crc32(text)) return undefined;
  return JSON.parse(new TextDecoder().decode(text));
}
