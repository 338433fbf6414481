const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** 32 bits that depend on every byte of the key (FNV-1a), the same on every replica. */
export function hashOf(key: Uint8Array): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ (key[i] ?? 0), FNV_PRIME);
  }
  return hash >>> 0;
}

/** Below, at or above 0 as the key from `start` to `end` in `bytes` comes before `key`, is it, or comes after. */
export function compareKeys(bytes: Uint8Array, start: number, end: number, key: Uint8Array): number {
  const shared = Math.min(end - start, key.length);
  for (let i = 0; i < shared; i++) {
    const difference = (bytes[start + i] ?? 0) - (key[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return end - start - key.length;
}
