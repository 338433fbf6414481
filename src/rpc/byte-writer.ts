import { InvariantViolation } from "../raft/index.ts";

/** Upper bound of what {@link ByteWriter.count} writes, in bytes. */
export const COUNT_BYTES = 8;

/** Upper bound of what {@link ByteWriter.name} writes, in bytes. */
export const NAME_BYTES = 33;

/** Writes fields one after the other into one buffer. */
export class ByteWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #end = 0;

  /** @param space what to write into, or the upper bound of what will be written, in bytes */
  constructor(space: number | Uint8Array<ArrayBuffer>) {
    this.#bytes = typeof space === "number" ? new Uint8Array(space) : space;
  }

  /** One byte, 0 to 255. */
  byte(value: number): void {
    this.#bytes[this.#end++] = value;
  }

  /** Two flags in one byte, the first as bit 0. */
  flags(first: boolean, second = false): void {
    this.byte((first ? 1 : 0) | (second ? 2 : 0));
  }

  /** 0 to 2^32 - 1, in four bytes, the highest first. */
  uint32(value: number): void {
    const bytes = this.#bytes;
    bytes[this.#end++] = value >>> 24;
    bytes[this.#end++] = value >>> 16;
    bytes[this.#end++] = value >>> 8;
    bytes[this.#end++] = value;
  }

  /** A safe integer from 0: seven bits in each byte, the lowest first; bit 7 says that another byte follows (LEB128). */
  count(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#end++] = 0x80 | (rest % 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#end++] = rest;
  }

  /** A name of ASCII characters: its length in one byte, then the characters. */
  name(name: string): void {
    this.byte(name.length);
    for (let at = 0; at < name.length; at++) this.#bytes[this.#end++] = name.charCodeAt(at);
  }

  /** Bytes without their length. */
  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The written bytes. */
  written(): Uint8Array<ArrayBuffer> {
    if (this.#end > this.#bytes.length) {
      throw new InvariantViolation(`${this.#end} bytes were written into a buffer of ${this.#bytes.length}`);
    }
    return this.#bytes.subarray(0, this.#end);
  }
}
