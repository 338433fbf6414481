/** Of every word of blank space: no byte of it is zero, or one of ASCII, as the first bytes of a record are. */
const highBits = 0x80808080;
const wordBytes = 4;

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Rounded up to whole words. */
export function wordAligned(bytes: number): number {
  return Math.ceil(bytes / wordBytes) * wordBytes;
}

/** A secret number of 64 bits that a segment draws when its file is made. */
export type BlankKey = readonly [low: number, high: number];

/**
 * What fills a segment where nothing was written yet: words that follow from a secret key and from their offset. So
 * blank space is told from data, which cannot know the key, and from zeros, which no segment ever contained.
 *
 * All offsets are those in the file, and multiples of 4.
 */
export class BlankSpace {
  readonly #first: number;
  /** Odd, so that words differ from place to place. */
  readonly #step: number;

  constructor([low, high]: BlankKey) {
    this.#first = low | 0;
    this.#step = high | 1;
  }

  /** The blank bytes from `start` to `end`. */
  bytes(start: number, end: number): Uint8Array {
    const words = new Uint32Array((end - start) / wordBytes);
    this.fill(words, start);
    return new Uint8Array(words.buffer);
  }

  /** Fills words with the blank ones from `start` on, as bytes that go to the file. */
  fill(words: Uint32Array, start: number): void {
    const step = this.#step;
    let sum = this.#sum(start);
    for (let at = 0; at < words.length; at++) {
      words[at] = sum | highBits;
      sum = (sum + step) | 0;
    }
    if (!isLittleEndian) swapBytes(words);
  }

  /** Whether all bytes from `start` to `end` of a file are blank; `file` holds it from its beginning. */
  covers(file: Uint8Array, start: number, end: number): boolean {
    return this.writtenEnd(file.subarray(0, end), start) === start;
  }

  /** The end of the last word from `start` on that is not blank; `start` if all are. `file` as in `covers`. */
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

  /** A line through the offsets: it need not look random, because nobody who writes data sees it. */
  #sum(offset: number): number {
    return (Math.imul(offset / wordBytes, this.#step) + this.#first) | 0;
  }
}

/** What a file holds is little-endian. */
function swapBytes(words: Uint32Array): void {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  for (const [at, word] of words.entries()) view.setUint32(at * wordBytes, word, true);
}
