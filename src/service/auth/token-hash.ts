const hexForm = /^[0-9a-f]{64}$/;

/** The SHA-256 of a token, as eight words. */
export type TokenHash = Uint32Array;

/** Returns the hash of a token. 160 random bits need no slow hash: they can't be guessed. */
export async function hashOf(token: string): Promise<TokenHash> {
  return new Uint32Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
}

/** Compares two hashes in a time that does not depend on their content. */
export function isSameHash(one: TokenHash, other: TokenHash): boolean {
  let difference = 0;
  for (let at = 0; at < 8; at++) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

/** Returns the hash in hexadecimal, byte by byte as other programs print SHA-256. */
export function hexOf(hash: TokenHash): string {
  return [...new Uint8Array(hash.buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns undefined if the text is not the SHA-256 of anything. */
export function hashFromHex(text: string): TokenHash | undefined {
  if (!hexForm.test(text)) return undefined;
  const bytes = new Uint8Array(32);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return new Uint32Array(bytes.buffer);
}
