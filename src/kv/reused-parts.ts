import { type Parts, partOf } from "./command.ts";
import { invariant } from "./invariant.ts";

/** Maximum length of a part that is copied into a reused array, in bytes. */
const MAX_REUSED_BYTES = 256;

/**
 * The key and the value of one command at a time, for a reader that copies what it keeps: short ones are written into
 * arrays that the next command reuses, so that a command leaves less garbage.
 */
export class ReusedParts implements Parts {
  /** An array for each length that was needed. A key and a value of the same length are used at the same time. */
  readonly #keys: Uint8Array[] = [];
  readonly #values: Uint8Array[] = [];

  key(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return copied(bytes, start, end, this.#keys);
  }

  value(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return copied(bytes, start, end, this.#values);
  }
}

function copied(bytes: Uint8Array, start: number, end: number, byLength: Uint8Array[]): Uint8Array {
  const length = end - start;
  invariant(start >= 0 && length >= 0 && end <= bytes.length, "a part of a command is within its bytes");
  if (length > MAX_REUSED_BYTES) return partOf(bytes, start, end);
  while (byLength.length <= length) byLength.push(new Uint8Array(byLength.length));
  const copy = byLength[length] ?? new Uint8Array(length);
  for (let at = 0; at < length; at++) copy[at] = bytes[start + at] ?? 0;
  return copy;
}
