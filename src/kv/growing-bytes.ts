/**
 * A buffer that is only written behind its end. Several values may share it, each with a length of its own: none of
 * them ever sees a byte change.
 */
export class GrowingBytes {
  readonly #bytes: Uint8Array;
  /** How many bytes were written, in bytes. What lies behind is free for whoever's value ends here. */
  #used: number;

  /** Copies `head`, and keeps `capacity` bytes in all, which is at least its length. */
  constructor(head: Uint8Array, capacity: number = head.length) {
    this.#bytes = new Uint8Array(capacity);
    this.#bytes.set(head);
    this.#used = head.length;
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
    const copy = new GrowingBytes(this.view(length), Math.max(end, Math.min(2 * end, maxBytes)));
    return copy.append(length, tail, maxBytes);
  }
}
