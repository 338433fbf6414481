import { Page, type StoredValue } from "./page.ts";

/** A page with more is parted, unless it holds one record. It is also what the first write after a clone may copy. */
const MAX_PAGE_BYTES = 16 * 1024;

/**
 * Values by key, in the order of the keys: maps that hold the same, whatever was written before, say the same. They
 * are packed into pages; clones share those that neither has changed since.
 */
export class ValueMap {
  #size = 0;
  /** The pages of this object may be changed. */
  #owner: object = {};
  /** In order. There is always one, and none but a lone one is empty. */
  #pages: Page[] = [new Page(this.#owner, { records: 0, bytes: 0 })];

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): StoredValue | undefined {
    return this.#pages[this.#pageOf(key)]?.get(key);
  }

  /** How long the value of a key is, in bytes; 0 where there is none. */
  valueBytes(key: Uint8Array): number {
    return this.#pages[this.#pageOf(key)]?.valueBytes(key) ?? 0;
  }

  /** Copies the key and the value. Returns whether the key is new. */
  set(key: Uint8Array, value: StoredValue): boolean {
    const at = this.#placeOf(key);
    const page = this.#writable(at);
    const isNew = page.set(key, value);
    if (isNew) this.#size++;
    if (page.byteLength > MAX_PAGE_BYTES) {
      // Keys that come in rising order, as those of a snapshot do, fill their pages.
      const isAppended = at === this.#pages.length - 1 && page.endsWith(key);
      this.#part(at, isAppended && page.count > 1 ? page.count - 1 : page.middle());
    }
    return isNew;
  }

  /** All records in their order, in pieces of whole ones, each to be read before the next write. */
  *records(): Generator<Uint8Array> {
    for (const page of this.#pages) yield page.records();
  }

  /**
   * An independent copy. It costs a reference for each page, some 11,000 for a million keys of 100 B; whoever writes
   * to a page first afterwards copies it.
   */
  clone(): ValueMap {
    const clone = new ValueMap();
    clone.#size = this.#size;
    clone.#pages = [...this.#pages];
    this.#owner = {};
    return clone;
  }

  /** The page on which a key stands, if on any: the last one that does not begin after it. */
  #pageOf(key: Uint8Array): number {
    let [low, high] = [0, this.#pages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#pages[middle]?.isBefore(key)) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  /** Where a key is to be written: a record that is larger than a page shares its page with no other. */
  #placeOf(key: Uint8Array): number {
    const at = this.#pageOf(key);
    const page = this.#pages[at];
    if (page === undefined || page.byteLength <= MAX_PAGE_BYTES || page.endsWith(key)) return at;
    const beside = page.isBefore(key) ? at : at + 1;
    const next = this.#pages[beside];
    const hasRoom = beside > at && next !== undefined && next.byteLength <= MAX_PAGE_BYTES;
    if (!hasRoom) this.#pages.splice(beside, 0, new Page(this.#owner, { records: 0, bytes: 0 }));
    return beside;
  }

  #writable(at: number): Page {
    const page = this.#pages[at];
    if (page === undefined) throw new Error(`there is no page ${at}`);
    if (page.owner === this.#owner) return page;
    const own = page.copy(this.#owner);
    this.#pages[at] = own;
    return own;
  }

  /** Parts a page before one of its records, and its parts until none is too large; a lone record can't be parted. */
  #part(at: number, record: number | undefined): void {
    const page = this.#pages[at];
    if (page === undefined || record === undefined) return;
    const parts = [page.copy(this.#owner, 0, record), page.copy(this.#owner, record)];
    this.#pages.splice(at, 1, ...parts);
    for (const [after, part] of [...parts.entries()].reverse()) {
      if (part.byteLength > MAX_PAGE_BYTES) this.#part(at + after, part.middle());
    }
  }
}
