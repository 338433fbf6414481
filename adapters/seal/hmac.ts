import { createHash, createHmac, createSecretKey, type Hash } from "node:crypto";

/** Returns the HMAC-SHA256 of the parts, in their order, under one key. */
export type Hmac = (first: Uint8Array, second?: Uint8Array, third?: Uint8Array) => Uint8Array;

const blockBytes = 64;
const innerPadding = 0x36;
const outerPadding = 0x5c;
const none: Uint8Array = new Uint8Array(0);

/**
 * The fastest HMAC of each runtime that returns at once. For 256 bytes, in µs: 0.5 on Bun, 4 on Node, 8 on Deno. All of them give
 * the same bytes.
 *
 * @param key at most 64 bytes
 */
export function hmacSha256(key: Uint8Array): Hmac {
  if ("Bun" in globalThis) return onBun(key);
  return "Deno" in globalThis ? fromHashes(key) : onNode(key);
}

/** Copies a hasher that has hashed the key already: twice as fast as a new one, and four times as fast as `node:crypto`. */
function onBun(key: Uint8Array): Hmac {
  const keyed = new Bun.CryptoHasher("sha256", key);
  return (first, second = none, third = none) =>
    keyed.copy().update(first).update(second).update(third).digest();
}

function onNode(key: Uint8Array): Hmac {
  const object = createSecretKey(key);
  return (first, second = none, third = none) =>
    createHmac("sha256", object).update(first).update(second).update(third).digest();
}

/** RFC 2104 on copies of two hashes that have hashed the key already: two thirds of the time of Deno's `createHmac`. */
function fromHashes(key: Uint8Array): Hmac {
  const inner = padded(key, innerPadding);
  const outer = padded(key, outerPadding);
  return (first, second = none, third = none) => {
    const digest = inner.copy().update(first).update(second).update(third).digest();
    return outer.copy().update(digest).digest();
  };
}

function padded(key: Uint8Array, padding: number): Hash {
  const block = new Uint8Array(blockBytes).fill(padding);
  for (const [at, byte] of key.entries()) block[at] = byte ^ padding;
  return createHash("sha256").update(block);
}
