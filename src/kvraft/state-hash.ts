import { invariant } from "../raft/index.ts";

const BLOCK_BYTES = 16;

const [c1, c2, c3, c4] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];

/**
 * A hash of 128 bits over bytes that come in pieces: MurmurHash3_x86_128. It does not depend on how the bytes were cut
 * into pieces, and is the same on every runtime. It detects bit rot and bugs; it is not secure against deliberate collisions.
 */
export class StateHash {
  #h1: number;
  #h2: number;
  #h3: number;
  #h4: number;
  #byteLength = 0;
  /** The bytes after the last whole block. */
  readonly #rest: Uint8Array = new Uint8Array(BLOCK_BYTES);
  readonly #restView: DataView = new DataView(this.#rest.buffer);
  #restBytes = 0;

  constructor(seed = 0) {
    this.#h1 = this.#h2 = this.#h3 = this.#h4 = seed;
  }

  update(bytes: Uint8Array): void {
    this.#byteLength += bytes.length;
    let at = 0;
    if (this.#restBytes > 0) {
      at = Math.min(BLOCK_BYTES - this.#restBytes, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restBytes);
      this.#restBytes += at;
      if (this.#restBytes < BLOCK_BYTES) return;
      this.#block(this.#restView, 0);
      this.#restBytes = 0;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#block(view, at);
    this.#rest.set(bytes.subarray(at));
    this.#restBytes = bytes.length - at;
    this.#check();
  }

  /** Returns the hash of all bytes so far, as 32 hexadecimal digits. */
  digest(): string {
    this.#check();
    const [k1, k2, k3, k4] = this.#tail();
    const length = this.#byteLength | 0;
    let h1 = this.#h1 ^ mix1(k1) ^ length;
    let h2 = this.#h2 ^ mix2(k2) ^ length;
    let h3 = this.#h3 ^ mix3(k3) ^ length;
    let h4 = this.#h4 ^ mix4(k4) ^ length;
    h1 = (h1 + h2 + h3 + h4) | 0;
    h2 = (h2 + h1) | 0;
    h3 = (h3 + h1) | 0;
    h4 = (h4 + h1) | 0;
    h1 = finalMix(h1);
    h2 = finalMix(h2);
    h3 = finalMix(h3);
    h4 = finalMix(h4);
    h1 = (h1 + h2 + h3 + h4) | 0;
    return [h1, h2 + h1, h3 + h1, h4 + h1].map(hexOf).join("");
  }

  /** Checks what makes the hash the same for all pieces. */
  #check(): void {
    invariant(
      this.#restBytes === this.#byteLength % BLOCK_BYTES,
      "every whole block of the bytes is mixed in, once",
    );
  }

  #block(view: DataView, at: number): void {
    let [h1, h2, h3, h4] = [this.#h1, this.#h2, this.#h3, this.#h4];
    h1 ^= mix1(view.getUint32(at, true));
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= mix2(view.getUint32(at + 4, true));
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= mix3(view.getUint32(at + 8, true));
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= mix4(view.getUint32(at + 12, true));
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
    this.#h1 = h1;
    this.#h2 = h2;
    this.#h3 = h3;
    this.#h4 = h4;
  }

  /** The bytes after the last whole block, padded with zeros to four words. */
  #tail(): readonly [number, number, number, number] {
    this.#rest.fill(0, this.#restBytes);
    const word = (at: number) => this.#restView.getUint32(at, true);
    return this.#restBytes === 0 ? [0, 0, 0, 0] : [word(0), word(4), word(8), word(12)];
  }
}

function mix1(word: number): number {
  return Math.imul(rotate(Math.imul(word, c1), 15), c2);
}

function mix2(word: number): number {
  return Math.imul(rotate(Math.imul(word, c2), 16), c3);
}

function mix3(word: number): number {
  return Math.imul(rotate(Math.imul(word, c3), 17), c4);
}

function mix4(word: number): number {
  return Math.imul(rotate(Math.imul(word, c4), 18), c1);
}

function finalMix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
