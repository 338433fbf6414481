import { compareKeys } from "./key.ts";
import { readUint53, UINT53_BYTES, writeUint53 } from "./uint53.ts";

/** What is kept under a key. */
export interface StoredValue {
  /** Read-only: of a large value it is a view. No later write changes it. */
  readonly value: Uint8Array;
  /** The index of the log entry that wrote it. */
  readonly revision: number;
}

/** Before the key and the value of a record: its revision, the length of the key (u32) and of the value (u32). */
export const RECORD_HEADER_BYTES: number = UINT53_BYTES + 4 + 4;

const KEY_LENGTH_OFFSET = UINT53_BYTES;
const VALUE_LENGTH_OFFSET = KEY_LENGTH_OFFSET + 4;

export function writeRecordHeader(
  view: DataView,
  start: number,
  { revision, keyBytes, valueBytes }: RecordHeader,
): void {
  writeUint53(view, start, "revision", revision);
  view.setUint32(start + KEY_LENGTH_OFFSET, keyBytes);
  view.setUint32(start + VALUE_LENGTH_OFFSET, valueBytes);
}

export interface RecordHeader {
  readonly revision: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

/** Room for what comes later, as a share of what is there; and at most. */
const SPARE = 1 / 4;
const MAX_SPARE = 4096;

/**
 * Keys and their values, packed into one buffer as a snapshot holds them: records in the order of the keys. A million
 * keys as objects of their own would take three times the memory, and the collector's time.
 */
export class Page {
  /** Whose page this is: anyone else copies it before changing it. */
  readonly owner: object;
  #count = 0;
  /** Where each record starts, and after the last one where it ends; the rest is room. */
  #starts: Uint32Array;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(owner: object, room: { readonly records: number; readonly bytes: number }) {
    this.owner = owner;
    this.#starts = new Uint32Array(room.records + 1);
    this.#bytes = new Uint8Array(room.bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#start(this.#count);
  }

  /** A view on all records: it shows what is changed later. */
  records(): Uint8Array {
    return this.#bytes.subarray(0, this.byteLength);
  }

  /** Whether a key stands before all that are here. */
  isBefore(key: Uint8Array): boolean {
    return this.#count > 0 && this.#compareKey(0, key) > 0;
  }

  /** Whether a key is the last one here. */
  endsWith(key: Uint8Array): boolean {
    return this.#isAt(this.#count - 1, key);
  }

  get(key: Uint8Array): StoredValue | undefined {
    const at = this.#lowerBound(key);
    if (!this.#isAt(at, key)) return undefined;
    const start = this.#start(at);
    const valueStart = start + RECORD_HEADER_BYTES + key.length;
    return {
      value: this.#bytes.slice(valueStart, this.#start(at + 1)),
      revision: readUint53(this.#view, start, "revision"),
    };
  }

  /** Length of a key's value in bytes; 0 if the key has none. */
  valueBytes(key: Uint8Array): number {
    const at = this.#lowerBound(key);
    return this.#isAt(at, key) ? this.#view.getUint32(this.#start(at) + VALUE_LENGTH_OFFSET) : 0;
  }

  /** Puts a value in the place of the one before. Returns whether the key is new. */
  set(key: Uint8Array, value: StoredValue): boolean {
    return this.#write(key, value, { keepsBefore: false });
  }

  /** Adds to the end of a value, and makes one if there is none. Returns whether the key is new. */
  append(key: Uint8Array, tail: StoredValue): boolean {
    return this.#write(key, tail, { keepsBefore: true });
  }

  /** How many records come before a key, and whether the key has one. */
  find(key: Uint8Array): { readonly at: number; readonly isHere: boolean } {
    const at = this.#lowerBound(key);
    return { at, isHere: this.#isAt(at, key) };
  }

  /** The records from `from` up to, not including, `to`, in a page of `owner`. */
  copy(owner: object, from = 0, to: number = this.#count): Page {
    const [start, end] = [this.#start(from), this.#start(to)];
    const page = new Page(owner, { records: withSpare(to - from), bytes: withSpare(end - start) });
    page.#count = to - from;
    for (let at = from; at <= to; at++) page.#starts[at - from] = this.#start(at) - start;
    page.#bytes.set(this.#bytes.subarray(start, end));
    return page;
  }

  /** The record before which the bytes are best parted in halves; undefined if there is one at most. */
  middle(): number | undefined {
    if (this.#count < 2) return undefined;
    let half = 1;
    while (half < this.#count - 1 && this.#start(half) * 2 < this.byteLength) half++;
    return half;
  }

  #write(
    key: Uint8Array,
    { value, revision }: StoredValue,
    { keepsBefore }: { readonly keepsBefore: boolean },
  ): boolean {
    const at = this.#lowerBound(key);
    const isNew = !this.#isAt(at, key);
    if (isNew) this.#insert(at);
    const start = this.#start(at);
    const keptBytes = keepsBefore && !isNew ? this.#view.getUint32(start + VALUE_LENGTH_OFFSET) : 0;
    const valueBytes = keptBytes + value.length;
    this.#resize(at, RECORD_HEADER_BYTES + key.length + valueBytes);
    writeRecordHeader(this.#view, start, { revision, keyBytes: key.length, valueBytes });
    if (isNew) this.#bytes.set(key, start + RECORD_HEADER_BYTES);
    this.#bytes.set(value, start + RECORD_HEADER_BYTES + key.length + keptBytes);
    return isNew;
  }

  #start(at: number): number {
    return this.#starts[at] ?? 0;
  }

  /** The first record that is not before the given key. */
  #lowerBound(key: Uint8Array): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compareKey(middle, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isAt(at: number, key: Uint8Array): boolean {
    return at >= 0 && at < this.#count && this.#compareKey(at, key) === 0;
  }

  #compareKey(at: number, key: Uint8Array): number {
    const start = this.#start(at);
    const keyStart = start + RECORD_HEADER_BYTES;
    return compareKeys(
      this.#bytes,
      keyStart,
      keyStart + this.#view.getUint32(start + KEY_LENGTH_OFFSET),
      key,
    );
  }

  /** Makes a record of no bytes. */
  #insert(at: number): void {
    if (this.#count + 1 === this.#starts.length) {
      const starts = this.#starts;
      this.#starts = new Uint32Array(withSpare(this.#count + 1) + 1);
      this.#starts.set(starts);
    }
    this.#starts.copyWithin(at + 1, at, this.#count + 1);
    this.#count++;
  }

  /** Makes a record longer or shorter at its end; what follows moves. */
  #resize(at: number, recordBytes: number): void {
    const end = this.#start(at + 1);
    const by = this.#start(at) + recordBytes - end;
    if (by === 0) return;
    const used = this.byteLength;
    if (used + by > this.#bytes.length) this.#moveTo(used + by, used);
    this.#bytes.copyWithin(end + by, end, used);
    for (let after = at + 1; after <= this.#count; after++) this.#starts[after] = this.#start(after) + by;
    if (used + by < this.#bytes.length / 4) this.#moveTo(used + by, used + by);
  }

  /** Into a buffer with room for `size` bytes. */
  #moveTo(size: number, used: number): void {
    const bytes = this.#bytes.subarray(0, used);
    this.#bytes = new Uint8Array(withSpare(size));
    this.#bytes.set(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

function withSpare(size: number): number {
  return size + Math.min(Math.ceil(size * SPARE), MAX_SPARE);
}
