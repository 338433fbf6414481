import { checksumBytes, claimedEnd, headerBytes } from "./record.ts";

/** What storage devices write as one. */
const sectorBytes = 512;

/**
 * Whether the remains of a record can be those of a write that was cut short, and so was never acknowledged. The
 * place it was written to held zeros, and a device stores whole sectors: of a torn record one sector at least still
 * is what it was, or its end never left the process. Remains that fill all of their sectors were once complete, and
 * have changed since.
 *
 * @param start where the record starts, as an offset in the file, which `bytes` hold from its beginning
 */
export function isTorn(bytes: Uint8Array, start: number): boolean {
  const end = claimedEnd(bytes, start);
  if (end === undefined) return hasEmptySector(bytes, start, Math.min(start + headerBytes, bytes.length));
  if (end > bytes.length) return false;
  return hasEmptySector(bytes, start, end) || isZero(bytes, end - checksumBytes, end);
}

function hasEmptySector(bytes: Uint8Array, start: number, end: number): boolean {
  for (let from = start; from < end; ) {
    const to = Math.min(from - (from % sectorBytes) + sectorBytes, end);
    if (isZero(bytes, from, to)) return true;
    from = to;
  }
  return false;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes.subarray(from, to).every((byte) => byte === 0);
}
