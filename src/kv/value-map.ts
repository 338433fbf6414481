import { invariant } from "./invariant.ts";
import { LargePage } from "./large-page.ts";
import { Page, RECORD_HEADER_BYTES, type StoredValue } from "./page.ts";

/**
 * Maximum size of a shared page in bytes. A larger page is split, and a larger record gets a `LargePage`. The first
 * write to a page after a clone copies at most this much.
 */
const MAX_PAGE_BYTES = 16 * 1024;

/**
 * Values by key, in key order, packed into pages. Maps with equal contents encode equally, independent of their history.
 * Clones share the pages that neither has changed since.
 */
export class ValueMap {
  #size = 0;
  /** The pages of this owner may be changed in place. */
  #owner: object = {};
  /** In key order. There is always at least one page; a page is empty only if it is the only one. */
  #pages: (Page | LargePage)[] = [this.#emptyPage()];

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): StoredValue | undefined {
    return this.#pages[this.#pageOf(key)]?.get(key);
  }

  /** Returns the length of the key's value in bytes, 0 if the key is absent. */
  valueBytes(key: Uint8Array): number {
    return this.#pages[this.#pageOf(key)]?.valueBytes(key) ?? 0;
  }

  /** Copies the key, and the value if it is small. A large value must not change afterwards. */
  set(key: Uint8Array, value: StoredValue): void {
    if (isLarge(key, value.value.length)) return this.#setLarge(key, LargePage.of(key, value));
    const at = this.#sharedPageOf(key);
    this.#wrote(at, key, this.#writable(at).set(key, value));
  }

  /**
   * Appends to a value, or sets it if the key is absent. Costs the tail's bytes plus at most 16 KiB. The copies that a
   * growing value needs add up to twice its length.
   *
   * @param maxValueBytes maximum length of a value in bytes
   * @returns false if the value would exceed it; nothing is written then
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
      const at = this.#sharedPageOf(key);
      this.#wrote(at, key, this.#writable(at).append(key, tail));
    }
    return true;
  }

  /** Yields all records in key order, in pieces of at most 64 KiB. Each piece is valid until the next write. */
  *records(): Generator<Uint8Array> {
    for (const page of this.#pages) {
      if (page instanceof LargePage) yield* page.records();
      else yield page.records();
    }
  }

  /**
   * Returns an independent copy. It costs one reference a page: about 11,000 for a million keys of 100 bytes. The first
   * later write to a shared page copies that page.
   */
  clone(): ValueMap {
    const clone = new ValueMap();
    clone.#size = this.#size;
    clone.#pages = [...this.#pages];
    this.#owner = {};
    return clone;
  }

  /** Returns the page that contains the key if any does: the last page that does not begin after the key. */
  #pageOf(key: Uint8Array): number {
    let [low, high] = [0, this.#pages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#pages[middle]?.isBefore(key)) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  /** Returns the shared page for a small value, and creates it if there is none. */
  #sharedPageOf(key: Uint8Array): number {
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
    invariant(page instanceof Page, "a small value is in a shared page");
    if (page.owner === this.#owner) return page;
    const own = page.copy(this.#owner);
    this.#pages[at] = own;
    return own;
  }

  /** Called after a record was written to a shared page. */
  #wrote(at: number, key: Uint8Array, isNew: boolean): void {
    if (isNew) this.#size++;
    const page = this.#pages[at];
    if (!(page instanceof Page) || page.byteLength <= MAX_PAGE_BYTES) return;
    // Keys in ascending order, such as those of a snapshot, fill their pages.
    const isAppended = at === this.#pages.length - 1 && page.endsWith(key);
    this.#part(at, isAppended && page.count > 1 ? page.count - 1 : page.middle());
  }

  /** Puts a large record in its position, between two pages or between the halves of one. */
  #setLarge(key: Uint8Array, large: LargePage): void {
    const at = this.#pageOf(key);
    const page = this.#pages[at];
    invariant(page !== undefined, "each key has a page");
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

  /** Splits a page before one of its records, repeatedly until no part is too large. */
  #part(at: number, record: number | undefined): void {
    const page = this.#pages[at];
    if (!(page instanceof Page) || record === undefined) return;
    invariant(record > 0 && record < page.count, "a page is split between two of its records");
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
