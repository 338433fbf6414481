/** Of every word of blank space: no byte of it is zero, or one of ASCII, as the first bytes of a record are. */
const highBits = 0x80808080;
const wordBytes = 4;

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
  readonly #low: number;
  readonly #high: number;

  constructor([low, high]: BlankKey) {
    this.#low = low | 0;
    this.#high = high | 0;
  }

  /** The blank bytes from `start` to `end`. */
  bytes(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += wordBytes) view.setUint32(at, this.#word(start + at), true);
    return bytes;
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

  /** Mixes the offset with the key, as the end of MurmurHash3 does. */
  #word(offset: number): number {
    let word = Math.imul((offset / wordBytes) ^ this.#low, 0x9e3779b1);
    word = (word ^ (word >>> 15)) + this.#high;
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) | highBits;
  }
}
