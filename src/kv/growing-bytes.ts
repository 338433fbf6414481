import { invariant } from "./invariant.ts";

/** Largest unused share of a buffer that a value may keep in memory. */
const MAX_UNUSED = 1 / 8;

/** An append-only buffer. Several values may share it, each with its own length: no byte of a value ever changes. */
export class GrowingBytes {
  readonly #bytes: Uint8Array;
  /** Bytes written so far. A value that ends here may grow in place. */
  #used: number;

  private constructor(bytes: Uint8Array, used: number) {
    this.#bytes = bytes;
    this.#used = used;
  }

  /**
   * Holds a value that does not change any more. Uses the value itself if it fills most of its buffer and no extra
   * capacity is asked for, otherwise a copy.
   *
   * @param capacity in bytes, at least the length of the value. Default: the length of the value
   */
  static of(value: Uint8Array, capacity: number = value.length): GrowingBytes {
    invariant(capacity >= value.length, "a buffer has space for its value");
    const isNearlyAll = value.length >= value.buffer.byteLength * (1 - MAX_UNUSED);
    if (isNearlyAll && capacity === value.length) return new GrowingBytes(value, value.length);
    const bytes = new Uint8Array(capacity);
    bytes.set(value);
    return new GrowingBytes(bytes, value.length);
  }

  /** Returns a read-only view of the first `length` bytes. Later appends do not change it. */
  view(length: number): Uint8Array {
    invariant(length <= this.#used, "a value consists of bytes that were written");
    return this.#bytes.subarray(0, length);
  }

  /**
   * Appends `tail` to the first `length` bytes. Works in place if those are all bytes written and the capacity
   * suffices, otherwise in a copy with twice the capacity.
   *
   * @param maxBytes maximum length of a value, in bytes; no capacity beyond it is allocated
   * @returns the buffer that holds the result
   */
  append(length: number, tail: Uint8Array, maxBytes: number): GrowingBytes {
    const end = length + tail.length;
    invariant(length <= this.#used, "a value that grows consists of bytes that were written");
    invariant(end <= maxBytes, "a value that would be too long was refused earlier");
    if (length === this.#used && end <= this.#bytes.length) {
      this.#bytes.set(tail, length);
      this.#used = end;
      return this;
    }
    const copy = GrowingBytes.of(this.view(length), Math.max(end, Math.min(2 * end, maxBytes)));
    return copy.append(length, tail, maxBytes);
  }
}
