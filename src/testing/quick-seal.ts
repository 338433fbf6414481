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
  const key = new TextEncoder().encode(secret);
  const tagOf = (...parts: readonly Uint8Array[]): Uint8Array => {
    const sums = Uint32Array.from({ length: SUMS }, (_, at) => 0x9e3779b9 + at);
    for (const part of [key, ...parts]) mix(sums, part);
    return new Uint8Array(sums.buffer);
  };
  return {
    newBoot: () => 1 + Math.floor(random() * (2 ** 53 - 1)),
    keyNumber,
    seal: (head, bound, content) => ({ tag: tagOf(head, bound, content), content }),
    open: (head, bound, { tag, content }) => {
      const right = tagOf(head, bound, content);
      return tag.length === right.length && tag.every((byte, at) => byte === right[at]) ? content : undefined;
    },
  };
}

/** Mixes a part and its length into the sums (FNV-1a in each, with the state of another). */
function mix(sums: Uint32Array, part: Uint8Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = sums;
  const step = (byte: number): void => {
    a = Math.imul(a ^ byte ^ (d >>> 15), 0x01000193);
    b = Math.imul(b ^ byte ^ (a >>> 13), 0x85ebca6b);
    c = Math.imul(c ^ byte ^ (b >>> 16), 0xc2b2ae35);
    d = Math.imul(d ^ byte ^ (c >>> 14), 0x27d4eb2f);
  };
  for (const byte of part) step(byte);
  for (let shift = 0; shift < 32; shift += 8) step((part.length >>> shift) & 0xff);
  sums.set([a, b, c, d]);
}
