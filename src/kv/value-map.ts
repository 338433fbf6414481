import { invariant } from "./invariant.ts";
import { LargePage } from "./large-page.ts";
import { Page, RECORD_HEADER_BYTES, type StoredValue } from "./page.ts";
import { PageList } from "./page-list.ts";

/**
 * Maximum size of a shared page in bytes. A larger page is split, and a larger record gets a `LargePage`. The first
 * write to a page after a clone copies at most this much.
 */
const MAX_PAGE_BYTES = 16 * 1024;

const none = new Uint8Array();

/**
 * Values by key, in key order, packed into pages. Maps with equal contents encode equally, independent of their history.
 * Clones share the pages that neither has changed since.
 */
export class ValueMap {
  #size = 0;
  /** The pages of this owner may be changed in place. */
  #owner: object = {};
  /** In key order. There is always at least one page; a page is empty only if it is the only one. */
  #pages = new PageList(new Page(this.#owner, { records: 0, bytes: 0 }));

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): StoredValue | undefined {
    return this.#pages.at(this.#pages.positionOf(key)).get(key);
  }

  /** Returns the length of the key's value in bytes, 0 if the key is absent. */
  valueBytes(key: Uint8Array): number {
    return this.#pages.at(this.#pages.positionOf(key)).valueBytes(key);
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
    const at = this.#pages.positionOf(key);
    const page = this.#pages.at(at);
    const valueBytes = page.valueBytes(key) + tail.value.length;
    if (valueBytes > maxValueBytes) return false;
    if (page instanceof LargePage && page.holds(key)) {
      this.#pages.set(at, page.append(tail, maxValueBytes));
    } else if (isLarge(key, valueBytes)) {
      const head = { value: page.get(key)?.value ?? new Uint8Array(), revision: tail.revision };
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
    clone.#pages = this.#pages.copy();
    this.#owner = {};
    return clone;
  }

  /** Returns the shared page for a small value. Beside a large record, the key is added to it if it is not there. */
  #sharedPageOf(key: Uint8Array): number {
    const at = this.#pages.positionOf(key);
    const page = this.#pages.at(at);
    if (!(page instanceof LargePage)) return at;
    if (page.holds(key)) {
      this.#pages.set(at, this.#pageWith(key));
      return at;
    }
    const beside = page.isBefore(key) ? at : at + 1;
    const isThere = beside > at && beside < this.#pages.length && this.#pages.at(beside) instanceof Page;
    if (isThere) {
      this.#writable(beside).set(key, { value: none, revision: 0 });
      this.#pages.beginsEarlier(beside);
    } else {
      this.#pages.insert(beside, this.#pageWith(key));
    }
    this.#size++;
    return beside;
  }

  #writable(at: number): Page {
    const page = this.#pages.at(at);
    invariant(page instanceof Page, "a small value is in a shared page");
    if (page.owner === this.#owner) return page;
    const own = page.copy(this.#owner);
    this.#pages.set(at, own);
    return own;
  }

  /** Called after a record was written to a shared page. */
  #wrote(at: number, key: Uint8Array, isNew: boolean): void {
    if (isNew) this.#size++;
    const page = this.#pages.at(at);
    if (!(page instanceof Page) || page.byteLength <= MAX_PAGE_BYTES) return;
    // Keys in ascending order, such as those of a snapshot, fill their pages.
    const isAppended = at === this.#pages.length - 1 && page.endsWith(key);
    this.#part(at, isAppended && page.count > 1 ? page.count - 1 : page.middle());
  }

  /** Puts a large record in its position, between two pages or between the halves of one. */
  #setLarge(key: Uint8Array, large: LargePage): void {
    const at = this.#pages.positionOf(key);
    const page = this.#pages.at(at);
    if (page instanceof LargePage) {
      if (page.holds(key)) return this.#pages.set(at, large);
      this.#size++;
      return this.#pages.insert(page.isBefore(key) ? at : at + 1, large);
    }
    const { at: before, isHere } = page.find(key);
    const after = isHere ? before + 1 : before;
    if (!isHere) this.#size++;
    const parts: (Page | LargePage)[] = [large];
    if (before > 0) parts.unshift(before === page.count ? page : page.copy(this.#owner, 0, before));
    if (after < page.count) parts.push(page.copy(this.#owner, after));
    this.#pages.replace(at, parts);
  }

  /** Splits a page before one of its records, repeatedly until no part is too large. */
  #part(at: number, record: number | undefined): void {
    const page = this.#pages.at(at);
    if (!(page instanceof Page) || record === undefined) return;
    invariant(record > 0 && record < page.count, "a page is split between two of its records");
    const parts = [page.copy(this.#owner, 0, record), page.copy(this.#owner, record)];
    this.#pages.replace(at, parts);
    for (const [after, part] of [...parts.entries()].reverse()) {
      if (part.byteLength > MAX_PAGE_BYTES) this.#part(at + after, part.middle());
    }
  }

  /** Returns a page with a key whose value is written at once. */
  #pageWith(key: Uint8Array): Page {
    const page = new Page(this.#owner, { records: 1, bytes: 0 });
    page.set(key, { value: none, revision: 0 });
    return page;
  }
}

function isLarge(key: Uint8Array, valueBytes: number): boolean {
  return RECORD_HEADER_BYTES + key.length + valueBytes > MAX_PAGE_BYTES;
}
