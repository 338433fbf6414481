/** Set in every word of blank space: none of its bytes is zero or ASCII, as the first bytes of a record are. */
const highBits = 0x80808080;
const wordBytes = 4;

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Rounds up to whole words. */
export function wordAligned(bytes: number): number {
  return Math.ceil(bytes / wordBytes) * wordBytes;
}

/** A secret 64-bit number of a segment, drawn when its file is created. */
export type BlankKey = readonly [low: number, high: number];

/**
 * The contents of a segment where nothing is written yet: words computed from a secret key and their offset. So blank
 * space differs from data, which cannot know the key, and from zeros, which a segment never contains.
 *
 * All offsets are offsets in the file, and multiples of 4.
 */
export class BlankSpace {
  readonly #first: number;
  /** Odd, so that words differ from offset to offset. */
  readonly #step: number;

  constructor([low, high]: BlankKey) {
    this.#first = low | 0;
    this.#step = high | 1;
  }

  /** Returns the blank bytes from `start` to `end`. */
  bytes(start: number, end: number): Uint8Array {
    const words = new Uint32Array((end - start) / wordBytes);
    this.fill(words, start);
    return new Uint8Array(words.buffer);
  }

  /** Fills words with the blank words from `start` on, in the byte order of the file. */
  fill(words: Uint32Array, start: number): void {
    const step = this.#step;
    let sum = this.#sum(start);
    for (let at = 0; at < words.length; at++) {
      words[at] = sum | highBits;
      sum = (sum + step) | 0;
    }
    if (!isLittleEndian) swapBytes(words);
  }

  /** Returns whether all bytes from `start` to `end` are blank. `file` holds the file from its beginning. */
  covers(file: Uint8Array, start: number, end: number): boolean {
    return this.writtenEnd(file.subarray(0, end), start) === start;
  }

  /** Returns the end of the last non-blank word from `start` on, or `start` if all are blank. `file` as in `covers`. */
  writtenEnd(file: Uint8Array, start: number): number {
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    let end = start;
    for (let at = start; at < file.length; at += wordBytes) {
      if (view.getUint32(at, true) !== this.#word(at) >>> 0) end = at + wordBytes;
    }
    return end;
  }

  #word(offset: number): number {
    return this.#sum(offset) | highBits;
  }

  /** Linear in the offset: it need not look random, because no writer of data sees it. */
  #sum(offset: number): number {
    return (Math.imul(offset / wordBytes, this.#step) + this.#first) | 0;
  }
}

/** The file is little-endian. */
function swapBytes(words: Uint32Array): void {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  for (const [at, word] of words.entries()) view.setUint32(at * wordBytes, word, true);
}
