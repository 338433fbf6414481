import { invariant } from "../invariant-violation.ts";
import type { LogEntry } from "../types.ts";
import { ENTRY_OVERHEAD_BYTES, sizeOf } from "./entry-size.ts";
import { PackedEntries } from "./packed-entries.ts";

/** Entries per pack. The newest entries, up to twice as many, are not packed. */
const PACK_ENTRIES = 512;

/** Contiguous entries, by index. Old ones are packed, and reads of them return copies. */
export class EntryList {
  /** Index of the first entry, or of the next one if the list is empty. */
  #firstIndex: number;
  /** Packs of `PACK_ENTRIES` each. The first one may begin before `#firstIndex`, with dropped entries. */
  #packs: PackedEntries[] = [];
  /** The index of the first entry of the first pack, or of `#newest` if there is no pack. */
  #packedFrom: number;
  /** The entries after the packs. */
  #newest: LogEntry[] = [];

  constructor(firstIndex: number, entries: readonly LogEntry[] = []) {
    this.#firstIndex = firstIndex;
    this.#packedFrom = firstIndex;
    for (const entry of entries) this.push(entry);
  }

  get firstIndex(): number {
    return this.#firstIndex;
  }

  get lastIndex(): number {
    return this.#newestFrom + this.#newest.length - 1;
  }

  /** Returns undefined if there is no such entry. */
  termAt(index: number): number | undefined {
    if (index < this.#firstIndex) return undefined;
    if (index >= this.#newestFrom) return this.#newest[index - this.#newestFrom]?.term;
    return this.#packOf(index)?.termAt(index);
  }

  /** Returns the size in bytes, 0 if there is no such entry. */
  sizeAt(index: number): number {
    if (index >= this.#newestFrom) {
      const entry = this.#newest[index - this.#newestFrom];
      return entry === undefined ? 0 : sizeOf(entry);
    }
    const pack = index < this.#firstIndex ? undefined : this.#packOf(index);
    return pack === undefined ? 0 : ENTRY_OVERHEAD_BYTES + pack.dataBytesAt(index);
  }

  /** Returns the entries from `from` to `to`, both included, as far as they exist. */
  slice(from: number, to: number): LogEntry[] {
    const packed: LogEntry[] = [];
    const packedTo = Math.min(to, this.#newestFrom - 1);
    for (let index = Math.max(from, this.#firstIndex); index <= packedTo; index++) {
      const pack = this.#packOf(index);
      if (pack !== undefined) packed.push(pack.entryAt(index));
    }
    const newest = this.#newest.slice(
      Math.max(from - this.#newestFrom, 0),
      Math.max(to + 1 - this.#newestFrom, 0),
    );
    return packed.length === 0 ? newest : [...packed, ...newest];
  }

  push(entry: LogEntry): void {
    invariant(entry.index === this.lastIndex + 1, "§5.3 entries are contiguous");
    this.#newest.push(entry);
    if (this.#newest.length >= 2 * PACK_ENTRIES) {
      this.#packs.push(new PackedEntries(this.#newest.splice(0, PACK_ENTRIES)));
      this.check();
    }
  }

  /** Drops every entry from `index` on. */
  truncateFrom(index: number): void {
    if (index < this.#newestFrom) {
      const packs = Math.max(Math.floor((index - this.#packedFrom) / PACK_ENTRIES), 0);
      const packStart = this.#packedFrom + packs * PACK_ENTRIES;
      this.#newest = this.slice(packStart, index - 1);
      this.#packs.length = packs;
      if (packs === 0) this.#packedFrom = this.#firstIndex;
    } else {
      invariant(index <= this.lastIndex + 1, "§5.3 entries are removed from an index that is here");
      this.#newest.length = index - this.#newestFrom;
    }
    this.check();
  }

  /** Drops every entry before `index`, which is the index of an entry or one past the last. */
  dropBefore(index: number): void {
    if (index <= this.#firstIndex) return;
    invariant(index <= this.lastIndex + 1, "§7 dropped entries were here");
    const packs = Math.min(Math.floor((index - this.#packedFrom) / PACK_ENTRIES), this.#packs.length);
    this.#packs.splice(0, packs);
    this.#packedFrom += packs * PACK_ENTRIES;
    this.#firstIndex = index;
    if (this.#packs.length > 0) {
      this.#packs[0]?.dropBefore(index);
    } else {
      this.#newest.splice(0, index - this.#packedFrom);
      this.#packedFrom = index;
    }
    this.check();
  }

  /** Checks that the packs and the newest entries are one list, by its ends only. */
  check(): void {
    invariant(
      this.#packedFrom <= this.#firstIndex && this.#firstIndex <= this.lastIndex + 1,
      "the list starts in its first pack, and ends at or after its start",
    );
    invariant(this.#newest.length < 2 * PACK_ENTRIES, "older entries are packed");
    const [first] = this.#newest;
    const last = this.#newest.at(-1);
    invariant(
      (first?.index ?? this.#newestFrom) === this.#newestFrom &&
        (last?.index ?? this.lastIndex) === this.lastIndex,
      "§5.3 an entry is where its index says",
    );
    const pack = this.#packs.at(-1);
    invariant(
      pack === undefined || pack.lastIndex === this.#newestFrom - 1,
      "§5.3 the newest entries follow the packed ones",
    );
  }

  get #newestFrom(): number {
    return this.#packedFrom + this.#packs.length * PACK_ENTRIES;
  }

  #packOf(index: number): PackedEntries | undefined {
    return this.#packs[Math.floor((index - this.#packedFrom) / PACK_ENTRIES)];
  }
}
