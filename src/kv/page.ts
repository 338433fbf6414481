import { invariant } from "./invariant.ts";
import { compareKeys } from "./key.ts";
import { headOf, KeyHeads, type SortedKeys } from "./key-heads.ts";
import { readUint53, UINT53_BYTES, writeUint53 } from "./uint53.ts";

/** The value of a key. */
export interface StoredValue {
  /** Read-only. A large value is a view; later writes do not change it. */
  readonly value: Uint8Array;
  /** The index of the log entry that wrote the value. */
  readonly revision: number;
}

/** Header of a record, in bytes: revision, length of the key (u32), length of the value (u32). */
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

/** Spare capacity as a share of the used bytes, and its maximum in bytes. */
const SPARE = 1 / 4;
const MAX_SPARE = 4096;

/**
 * Keys and values packed into one buffer in the snapshot's format: records in key order. With one object per key, a
 * million keys would take three times the memory and much time in the garbage collector.
 */
export class Page implements SortedKeys {
  /** The owner may change the page; anyone else must copy it first. */
  readonly owner: object;
  #count = 0;
  /** The offset of each record, then the end of the last one. The rest of the array is spare. */
  #starts: Uint32Array;
  /** Of the records' keys. */
  #heads: KeyHeads;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(owner: object, capacity: { readonly records: number; readonly bytes: number }) {
    this.owner = owner;
    this.#starts = new Uint32Array(capacity.records + 1);
    this.#heads = new KeyHeads(capacity.records);
    this.#bytes = new Uint8Array(capacity.bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#start(this.#count);
  }

  /** Returns a view of all records. Later changes show in it. */
  records(): Uint8Array {
    return this.#bytes.subarray(0, this.byteLength);
  }

  /** Returns whether `key` comes before every key of this page. */
  isBefore(key: Uint8Array): boolean {
    return this.#count > 0 && this.compareKey(0, key) > 0;
  }

  /** Returns whether `key` is the last key of this page. */
  endsWith(key: Uint8Array): boolean {
    return this.#heads.isAt(this.#count - 1, key, this);
  }

  get(key: Uint8Array): StoredValue | undefined {
    const at = this.#heads.lowerBound(key, this);
    if (!this.#heads.isAt(at, key, this)) return undefined;
    const start = this.#start(at);
    const valueStart = start + RECORD_HEADER_BYTES + key.length;
    const end = this.#start(at + 1);
    invariant(
      valueStart + this.#view.getUint32(start + VALUE_LENGTH_OFFSET) === end,
      "a record ends where the next one begins",
    );
    return {
      value: this.#bytes.slice(valueStart, end),
      revision: readUint53(this.#view, start, "revision"),
    };
  }

  /** Returns the length of the key's value in bytes, 0 if the key is absent. */
  valueBytes(key: Uint8Array): number {
    const at = this.#heads.lowerBound(key, this);
    return this.#heads.isAt(at, key, this) ? this.#view.getUint32(this.#start(at) + VALUE_LENGTH_OFFSET) : 0;
  }

  /** Sets a value. Returns whether the key is new. */
  set(key: Uint8Array, value: StoredValue): boolean {
    return this.#write(key, value, { keepsBefore: false });
  }

  /** Appends to a value, or sets it if the key is absent. Returns whether the key is new. */
  append(key: Uint8Array, tail: StoredValue): boolean {
    return this.#write(key, tail, { keepsBefore: true });
  }

  /** Returns the number of records before `key`, and whether the key is present. */
  find(key: Uint8Array): { readonly at: number; readonly isHere: boolean } {
    const at = this.#heads.lowerBound(key, this);
    return { at, isHere: this.#heads.isAt(at, key, this) };
  }

  /** Copies the records from `from` up to, but not including, `to` into a page of `owner`. */
  copy(owner: object, from = 0, to: number = this.#count): Page {
    invariant(0 <= from && from <= to && to <= this.#count, "records of this page are copied");
    const [start, end] = [this.#start(from), this.#start(to)];
    const page = new Page(owner, { records: withSpare(to - from), bytes: withSpare(end - start) });
    page.#count = to - from;
    for (let at = from; at <= to; at++) page.#starts[at - from] = this.#start(at) - start;
    page.#bytes.set(this.#bytes.subarray(start, end));
    const { length } = page.#starts;
    const isWhole = page.#count === this.#count;
    page.#heads = isWhole ? this.#heads.copy(length) : KeyHeads.of(page, page.#count, length);
    return page;
  }

  /**
   * Returns the record at which a split divides the bytes most evenly, or undefined if there are fewer than two
   * records.
   */
  middle(): number | undefined {
    if (this.#count < 2) return undefined;
    let half = 1;
    while (half < this.#count - 1 && this.#start(half) * 2 < this.byteLength) half++;
    invariant(half > 0 && half < this.#count, "both halves of a page have a record");
    return half;
  }

  compareKey(at: number, key: Uint8Array): number {
    const start = this.#start(at) + RECORD_HEADER_BYTES;
    return compareKeys(this.#bytes, start, start + this.#keyBytes(at), key);
  }

  headAt(at: number, shared: number): number {
    const start = this.#start(at) + RECORD_HEADER_BYTES;
    return headOf(this.#bytes, start + shared, start + this.#keyBytes(at));
  }

  /** Returns a view that is valid until the next write. */
  keyAt(at: number): Uint8Array {
    const start = this.#start(at) + RECORD_HEADER_BYTES;
    return this.#bytes.subarray(start, start + this.#keyBytes(at));
  }

  #write(
    key: Uint8Array,
    { value, revision }: StoredValue,
    { keepsBefore }: { readonly keepsBefore: boolean },
  ): boolean {
    const at = this.#heads.lowerBound(key, this);
    const isNew = !this.#heads.isAt(at, key, this);
    if (isNew) this.#insert(at);
    const start = this.#start(at);
    const keptBytes = keepsBefore && !isNew ? this.#view.getUint32(start + VALUE_LENGTH_OFFSET) : 0;
    const valueBytes = keptBytes + value.length;
    this.#resize(at, RECORD_HEADER_BYTES + key.length + valueBytes);
    invariant(
      start + RECORD_HEADER_BYTES + key.length + valueBytes === this.#start(at + 1),
      "a record has the space from its start to the next one",
    );
    invariant(this.byteLength <= this.#bytes.length, "all records of a page are in its buffer");
    writeRecordHeader(this.#view, start, { revision, keyBytes: key.length, valueBytes });
    if (isNew) {
      this.#bytes.set(key, start + RECORD_HEADER_BYTES);
      this.#heads.inserted(at, key, this);
    }
    this.#bytes.set(value, start + RECORD_HEADER_BYTES + key.length + keptBytes);
    return isNew;
  }

  #start(at: number): number {
    return this.#starts[at] ?? 0;
  }

  #keyBytes(at: number): number {
    return this.#view.getUint32(this.#start(at) + KEY_LENGTH_OFFSET);
  }

  /** Inserts an empty record. */
  #insert(at: number): void {
    if (this.#count + 1 === this.#starts.length) {
      const starts = this.#starts;
      this.#starts = new Uint32Array(withSpare(this.#count + 1) + 1);
      this.#starts.set(starts);
    }
    this.#starts.copyWithin(at + 1, at, this.#count + 1);
    this.#count++;
  }

  /** Changes the length of a record at its end and moves the records behind it. */
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

  /** Moves the contents to a buffer with capacity for `size` bytes. */
  #moveTo(size: number, used: number): void {
    invariant(used <= size, "a smaller buffer still has space for all records");
    const bytes = this.#bytes.subarray(0, used);
    this.#bytes = new Uint8Array(withSpare(size));
    this.#bytes.set(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

function withSpare(size: number): number {
  return size + Math.min(Math.ceil(size * SPARE), MAX_SPARE);
}
