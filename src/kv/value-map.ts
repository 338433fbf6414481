import { hashOf } from "./key.ts";
import { Page, type StoredValue } from "./page.ts";

/** A page with more is parted, unless it holds one record. It is also what the first write after a clone may copy. */
const MAX_PAGE_BYTES = 16 * 1024;

/**
 * Values by key, in the order of the keys' hashes, then of the keys: maps that hold the same, whatever was written
 * before, say the same. They are packed into pages; clones share those that neither has changed since.
 */
export class ValueMap {
  #size = 0;
  /** The pages of this object may be changed. */
  #owner: object = {};
  /** There is always one, and none but a lone one is empty. */
  #pages: Page[] = [new Page(this.#owner, { records: 0, bytes: 0 })];
  /** No hash on a page is below its own of these, and all on the pages before are. */
  #lowestHashes: number[] = [0];

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): StoredValue | undefined {
    const hash = hashOf(key);
    return this.#pages[this.#pageOf(hash)]?.get(hash, key);
  }

  /** Copies the key and the value. Returns whether the key is new. */
  set(key: Uint8Array, value: StoredValue): boolean {
    const hash = hashOf(key);
    const at = this.#pageOf(hash);
    const page = this.#writable(at);
    const isNew = page.set(hash, key, value);
    if (isNew) this.#size++;
    if (page.byteLength > MAX_PAGE_BYTES) this.#part(page, at);
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
    clone.#lowestHashes = [...this.#lowestHashes];
    this.#owner = {};
    return clone;
  }

  /** The page on which a hash stands, if on any: the last one that begins at or below it. */
  #pageOf(hash: number): number {
    let [low, high] = [0, this.#pages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#lowestHashes[middle] ?? 0) <= hash) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #writable(at: number): Page {
    const page = this.#pages[at];
    if (page === undefined) throw new Error(`there is no page ${at}`);
    if (page.owner === this.#owner) return page;
    const own = page.copy(this.#owner);
    this.#pages[at] = own;
    return own;
  }

  #part(page: Page, at: number): void {
    const middle = page.middle();
    if (middle === undefined) return;
    const [low, high] = [page.copy(this.#owner, 0, middle), page.copy(this.#owner, middle)];
    this.#pages.splice(at, 1, low, high);
    this.#lowestHashes.splice(at + 1, 0, high.lowestHash);
  }
}
