import { GrowingBytes } from "./growing-bytes.ts";
import { compareKeys } from "./key.ts";
import { RECORD_HEADER_BYTES, type StoredValue, writeRecordHeader } from "./page.ts";

/** Size of the pieces in which a record is read, in bytes. */
const PIECE_BYTES = 64 * 1024;

/**
 * One record that exceeds the size of a shared page. It is immutable: each write creates another object, and an append
 * shares the bytes of the previous value. So the contents of a clone never change, and an append costs only its own bytes.
 */
export class LargePage {
  readonly #key: Uint8Array;
  readonly #revision: number;
  readonly #buffer: GrowingBytes;
  /** Length of the value in bytes. The buffer may be longer. */
  readonly #length: number;

  private constructor(key: Uint8Array, revision: number, buffer: GrowingBytes, length: number) {
    this.#key = key;
    this.#revision = revision;
    this.#buffer = buffer;
    this.#length = length;
  }

  /** Copies the key. The value must not change afterwards. */
  static of(key: Uint8Array, { value, revision }: StoredValue): LargePage {
    return new LargePage(key.slice(), revision, GrowingBytes.of(value), value.length);
  }

  /** Returns the value with `tail` appended; see {@link GrowingBytes.append}. */
  append(tail: StoredValue, maxValueBytes: number): LargePage {
    const buffer = this.#buffer.append(this.#length, tail.value, maxValueBytes);
    return new LargePage(this.#key, tail.revision, buffer, this.#length + tail.value.length);
  }

  isBefore(key: Uint8Array): boolean {
    return this.compareKey(key) > 0;
  }

  holds(key: Uint8Array): boolean {
    return this.compareKey(key) === 0;
  }

  get(key: Uint8Array): StoredValue | undefined {
    if (!this.holds(key)) return undefined;
    return { value: this.#buffer.view(this.#length), revision: this.#revision };
  }

  valueBytes(key: Uint8Array): number {
    return this.holds(key) ? this.#length : 0;
  }

  /** Yields the record in the snapshot's format, in pieces of at most 64 KiB. */
  *records(): Generator<Uint8Array> {
    const head = new Uint8Array(RECORD_HEADER_BYTES + this.#key.length);
    const lengths = { keyBytes: this.#key.length, valueBytes: this.#length };
    writeRecordHeader(new DataView(head.buffer), 0, { revision: this.#revision, ...lengths });
    head.set(this.#key, RECORD_HEADER_BYTES);
    yield head;
    const value = this.#buffer.view(this.#length);
    for (let start = 0; start < value.length; start += PIECE_BYTES) {
      yield value.subarray(start, start + PIECE_BYTES);
    }
  }

  /** Read-only. */
  get key(): Uint8Array {
    return this.#key;
  }

  /** Compares its key with `key`, as for `sort`. */
  compareKey(key: Uint8Array): number {
    return compareKeys(this.#key, 0, this.#key.length, key);
  }
}
