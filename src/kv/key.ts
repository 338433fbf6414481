/**
 * Compares the key from `start` to `end` in `bytes` with `key`. Returns a number below, equal to or above 0, as for
 * `sort`.
 */
export function compareKeys(bytes: Uint8Array, start: number, end: number, key: Uint8Array): number {
  const shared = Math.min(end - start, key.length);
  for (let i = 0; i < shared; i++) {
    const difference = (bytes[start + i] ?? 0) - (key[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return end - start - key.length;
}
