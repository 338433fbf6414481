/** The share of a buffer that may be kept alive for nothing. */
const MAX_UNUSED = 1 / 8;

/**
 * A buffer that is only written behind its end. Several values may share it, each with a length of its own: none of
 * them ever sees a byte change.
 */
export class GrowingBytes {
  readonly #bytes: Uint8Array;
  /** How many bytes were written, in bytes. What lies behind is free for whoever's value ends here. */
  #used: number;

  private constructor(bytes: Uint8Array, used: number) {
    this.#bytes = bytes;
    this.#used = used;
  }

  /**
   * Holds a value that nobody changes: the value itself if it is nearly all of its buffer and no more room is asked for,
   * else a copy.
   *
   * @param capacity in bytes; at least the length of the value
   */
  static of(value: Uint8Array, capacity: number = value.length): GrowingBytes {
    const isNearlyAll = value.length >= value.buffer.byteLength * (1 - MAX_UNUSED);
    if (isNearlyAll && capacity === value.length) return new GrowingBytes(value, value.length);
    const bytes = new Uint8Array(capacity);
    bytes.set(value);
    return new GrowingBytes(bytes, value.length);
  }

  /** A view on the first `length` bytes. Read-only; no later `append` changes it. */
  view(length: number): Uint8Array {
    return this.#bytes.subarray(0, length);
  }

  /**
   * Adds `tail` to the first `length` bytes: in place if they end where the written bytes end and there is room,
   * otherwise in a copy with twice the room.
   *
   * @param maxBytes a value never grows beyond this, so no room is kept for more
   * @returns the buffer that holds both
   */
  append(length: number, tail: Uint8Array, maxBytes: number): GrowingBytes {
    const end = length + tail.length;
    if (length === this.#used && end <= this.#bytes.length) {
      this.#bytes.set(tail, length);
      this.#used = end;
      return this;
    }
    const copy = GrowingBytes.of(this.view(length), Math.max(end, Math.min(2 * end, maxBytes)));
    return copy.append(length, tail, maxBytes);
  }
}
