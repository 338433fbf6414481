/** Collects the parts of a body. */
export class Parts {
  length = 0;
  /** Set if the length is declared: parts are copied into it at once, so that none is kept. */
  readonly #whole: Uint8Array<ArrayBuffer> | undefined;
  readonly #parts: Uint8Array[] = [];

  /** @param announcedBytes declared length of the body in bytes, if any; more bytes are an error */
  constructor(announcedBytes: number | undefined) {
    this.#whole = announcedBytes === undefined ? undefined : new Uint8Array(announcedBytes);
  }

  add(part: Uint8Array): void {
    if (this.#whole === undefined) this.#parts.push(part);
    else this.#whole.set(part, this.length);
    this.length += part.length;
  }

  joined(): Uint8Array<ArrayBuffer> {
    if (this.#whole !== undefined) return this.#whole.subarray(0, this.length);
    const bytes = new Uint8Array(this.length);
    let end = 0;
    for (const part of this.#parts) {
      bytes.set(part, end);
      end += part.length;
    }
    return bytes;
  }
}
