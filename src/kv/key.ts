/*
 * Inside the store a key is a binary string: one character from 0 to 255 for each byte. Engines keep such
 * strings at a byte per character, and comparing them natively compares the bytes.
 */

/** Longer argument lists may overflow the stack. */
const MAX_ARGUMENTS = 4096;

const ascii = new TextDecoder();

/** The key as a binary string, which shares nothing with `bytes`. */
export function keyFromBytes(bytes: Uint8Array): string {
  // UTF-8 agrees with one character per byte for ASCII alone; "latin1" is no way out, for it decodes windows-1252.
  if (isAscii(bytes)) {
    return ascii.decode(bytes);
  }
  let key = "";
  for (let start = 0; start < bytes.length; start += MAX_ARGUMENTS) {
    key += String.fromCharCode(...bytes.subarray(start, start + MAX_ARGUMENTS));
  }
  return key;
}

/** Writes the bytes of a key from `offset` on; there are as many as `key` has characters. */
export function writeKey(key: string, target: Uint8Array, offset: number): void {
  for (let i = 0; i < key.length; i++) {
    target[offset + i] = key.charCodeAt(i);
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) > 127) {
      return false;
    }
  }
  return true;
}
