import { LargePage } from "./large-page.ts";
import { Page, RECORD_HEADER_BYTES, type StoredValue } from "./page.ts";

/**
 * A page with more is parted, and a record that is larger has a page of its own kind. This is also what the first
 * write after a clone may copy.
 */
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
  #pages: (Page | LargePage)[] = [this.#emptyPage()];

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): StoredValue | undefined {
    return this.#pages[this.#pageOf(key)]?.get(key);
  }

  /** Length of a key's value in bytes; 0 if the key has none. */
  valueBytes(key: Uint8Array): number {
    return this.#pages[this.#pageOf(key)]?.valueBytes(key) ?? 0;
  }

  /** Copies the key, and the value if it is small; a large one must not change afterwards. */
  set(key: Uint8Array, value: StoredValue): void {
    if (isLarge(key, value.value.length)) return this.#setLarge(key, LargePage.of(key, value));
    const at = this.#placeOf(key);
    this.#wrote(at, key, this.#writable(at).set(key, value));
  }

  /**
   * Adds to the end of a value, and makes one if there is none. Costs the bytes of the tail and 16 KiB at most, but
   * for the copies that a growing value makes, twice its bytes in all.
   *
   * @param maxValueBytes no value grows beyond this
   * @returns false if the value would, and then nothing was written
   */
  append(key: Uint8Array, tail: StoredValue, maxValueBytes: number): boolean {
    const at = this.#pageOf(key);
    const page = this.#pages[at];
    const valueBytes = (page?.valueBytes(key) ?? 0) + tail.value.length;
    if (valueBytes > maxValueBytes) return false;
    if (page instanceof LargePage && page.holds(key)) {
      this.#pages[at] = page.append(tail, maxValueBytes);
    } else if (isLarge(key, valueBytes)) {
      const head = { value: page?.get(key)?.value ?? new Uint8Array(), revision: tail.revision };
      this.#setLarge(key, LargePage.of(key, head).append(tail, maxValueBytes));
    } else {
      const place = this.#placeOf(key);
      this.#wrote(place, key, this.#writable(place).append(key, tail));
    }
    return true;
  }

  /** All records in their order, in pieces of at most 64 KiB, each to be read before the next write. */
  *records(): Generator<Uint8Array> {
    for (const page of this.#pages) {
      if (page instanceof LargePage) yield* page.records();
      else yield page.records();
    }
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

  /** The page of many on which a small value is to be written; made if there is none. */
  #placeOf(key: Uint8Array): number {
    const at = this.#pageOf(key);
    const page = this.#pages[at];
    if (!(page instanceof LargePage)) return at;
    if (page.holds(key)) {
      this.#pages[at] = this.#emptyPage();
      this.#size--;
      return at;
    }
    const beside = page.isBefore(key) ? at : at + 1;
    const next = this.#pages[beside];
    const isThere = beside > at && next !== undefined && !(next instanceof LargePage);
    if (!isThere) this.#pages.splice(beside, 0, this.#emptyPage());
    return beside;
  }

  #writable(at: number): Page {
    const page = this.#pages[at];
    if (!(page instanceof Page)) throw new Error(`there is no page of many records at ${at}`);
    if (page.owner === this.#owner) return page;
    const own = page.copy(this.#owner);
    this.#pages[at] = own;
    return own;
  }

  /** A record was written on a page of many. */
  #wrote(at: number, key: Uint8Array, isNew: boolean): void {
    if (isNew) this.#size++;
    const page = this.#pages[at];
    if (!(page instanceof Page) || page.byteLength <= MAX_PAGE_BYTES) return;
    // Keys that come in rising order, as those of a snapshot do, fill their pages.
    const isAppended = at === this.#pages.length - 1 && page.endsWith(key);
    this.#part(at, isAppended && page.count > 1 ? page.count - 1 : page.middle());
  }

  /** Puts a large record where it belongs: between two pages, or between the parts of one. */
  #setLarge(key: Uint8Array, large: LargePage): void {
    const at = this.#pageOf(key);
    const page = this.#pages[at];
    if (page === undefined) throw new Error(`there is no page ${at}`);
    if (page instanceof LargePage) {
      const isHere = page.holds(key);
      if (!isHere) this.#size++;
      this.#pages.splice(isHere || page.isBefore(key) ? at : at + 1, isHere ? 1 : 0, large);
      return;
    }
    const { at: before, isHere } = page.find(key);
    const after = isHere ? before + 1 : before;
    if (!isHere) this.#size++;
    const parts: (Page | LargePage)[] = [large];
    if (before > 0) parts.unshift(before === page.count ? page : page.copy(this.#owner, 0, before));
    if (after < page.count) parts.push(page.copy(this.#owner, after));
    this.#pages.splice(at, 1, ...parts);
  }

  /** Parts a page before one of its records, and its parts until none is too large. */
  #part(at: number, record: number | undefined): void {
    const page = this.#pages[at];
    if (!(page instanceof Page) || record === undefined) return;
    const parts = [page.copy(this.#owner, 0, record), page.copy(this.#owner, record)];
    this.#pages.splice(at, 1, ...parts);
    for (const [after, part] of [...parts.entries()].reverse()) {
      if (part.byteLength > MAX_PAGE_BYTES) this.#part(at + after, part.middle());
    }
  }

  #emptyPage(): Page {
    return new Page(this.#owner, { records: 0, bytes: 0 });
  }
}

function isLarge(key: Uint8Array, valueBytes: number): boolean {
  return RECORD_HEADER_BYTES + key.length + valueBytes > MAX_PAGE_BYTES;
}
