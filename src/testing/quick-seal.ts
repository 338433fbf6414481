import { type Seal, TAG_BYTES } from "../ports/index.ts";

const SUMS = TAG_BYTES / 4;
const KEY_NUMBER = 1;

/**
 * A deterministic seal for tests: as quick as a checksum, and no more secret than one. Nobody without the text makes its tags
 * by accident.
 *
 * @param secret any text
 * @param random draws boot numbers, in [0, 1)
 * @param keyNumber of its only key
 */
export function quickSeal(secret: string, random: () => number, keyNumber: number = KEY_NUMBER): Seal {
  const keyed = Uint32Array.from({ length: SUMS }, (_, at) => 0x9e3779b9 + at);
  mix(keyed, new TextEncoder().encode(secret));
  const tagOf = (...parts: readonly Uint8Array[]): Uint8Array => {
    const sums = keyed.slice();
    for (const part of parts) mix(sums, part);
    return new Uint8Array(sums.buffer);
  };
  return {
    newBoot: () => 1 + Math.floor(random() * (2 ** 53 - 1)),
    keyNumber,
    seal: (head, bound, content) => ({ tag: tagOf(head, bound, content), content }),
    open: (head, bound, { tag, content }) => (isSame(tag, tagOf(head, bound, content)) ? content : undefined),
  };
}

/** Mixes a part and its length into the sums (FNV-1a over words in each, with the state of another). */
function mix(sums: Uint32Array, part: Uint8Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = sums;
  const { length } = part;
  const words = Math.ceil(length / 4);
  for (let at = 0; at <= words; at++) {
    // The length comes last. Bytes behind the end count as 0.
    const word = at < words ? wordAt(part, 4 * at) : length;
    a = Math.imul(a ^ word ^ (d >>> 15), 0x01000193);
    b = Math.imul(b ^ word ^ (a >>> 13), 0x85ebca6b);
    c = Math.imul(c ^ word ^ (b >>> 16), 0xc2b2ae35);
    d = Math.imul(d ^ word ^ (c >>> 14), 0x27d4eb2f);
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
}

function wordAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  const high = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8);
  return low | (high << 16);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
