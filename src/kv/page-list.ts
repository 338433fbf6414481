import { invariant } from "./invariant.ts";
import { headOf, KeyHeads, type SortedKeys } from "./key-heads.ts";
import { LargePage } from "./large-page.ts";
import type { Page } from "./page.ts";

/** Pages in key order, and the heads of their first keys: a search reads few pages besides the one that it finds. */
export class PageList implements SortedKeys {
  /** At least one. */
  #pages: (Page | LargePage)[];
  /** Of all pages but the first, which gets every key before the second page's, and so may be empty. */
  #heads: KeyHeads;

  constructor(first: Page | LargePage) {
    this.#pages = [first];
    this.#heads = new KeyHeads(0);
  }

  get length(): number {
    return this.#pages.length;
  }

  [Symbol.iterator](): Iterator<Page | LargePage> {
    return this.#pages.values();
  }

  at(position: number): Page | LargePage {
    const page = this.#pages[position];
    invariant(page !== undefined, "each position up to the last has a page");
    return page;
  }

  /** Returns the position of the page that contains the key if any does: the last page that does not begin after it. */
  positionOf(key: Uint8Array): number {
    const before = this.#heads.lowerBound(key, this);
    return this.#heads.isAt(before, key, this) ? before + 1 : before;
  }

  /** Replaces a page by another one with the same first key. */
  set(position: number, page: Page | LargePage): void {
    this.#pages[position] = page;
  }

  insert(position: number, page: Page | LargePage): void {
    this.#pages.splice(position, 0, page);
    // A page in front of the first one gives that one a head.
    const at = Math.max(position - 1, 0);
    this.#heads.inserted(at, this.keyAt(at), this);
  }

  /** Replaces a page by its parts, at least one. The first one begins where the page began. */
  replace(position: number, parts: readonly (Page | LargePage)[]): void {
    const [first, ...others] = parts;
    invariant(first !== undefined, "a page has at least one part");
    this.set(position, first);
    for (const [i, other] of others.entries()) this.insert(position + 1 + i, other);
  }

  /** Called after a page got a key before its first one. */
  beginsEarlier(position: number): void {
    if (position > 0) this.#heads.changed(position - 1, this.keyAt(position - 1), this);
  }

  copy(): PageList {
    const copy = new PageList(this.at(0));
    copy.#pages = [...this.#pages];
    copy.#heads = this.#heads.copy(0);
    return copy;
  }

  compareKey(at: number, key: Uint8Array): number {
    const page = this.at(at + 1);
    return page instanceof LargePage ? page.compareKey(key) : page.compareKey(0, key);
  }

  headAt(at: number, shared: number): number {
    const page = this.at(at + 1);
    return page instanceof LargePage ? headOf(page.key, shared, page.key.length) : page.headAt(0, shared);
  }

  keyAt(at: number): Uint8Array {
    const page = this.at(at + 1);
    return page instanceof LargePage ? page.key : page.keyAt(0);
  }
}
