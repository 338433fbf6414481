import { invariant } from "../invariant-violation.ts";
import type { EntryType, LogEntry } from "../types.ts";

/** Larger data is kept as it is, because copying much of it at once would take too long. */
const MAX_PACKED_BYTES = 4096;

/**
 * Entries that are read seldom, in one buffer. As single objects they would take twice the memory, and time of the
 * garbage collector.
 */
export class PackedEntries {
  readonly #firstIndex: number;
  readonly #terms: readonly number[];
  /** The types of the few entries that are not commands. */
  readonly #types: ReadonlyMap<number, EntryType>;
  /** The end of each entry's data. The data of the next entry starts there. */
  readonly #ends: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #large = new Map<number, Uint8Array>();

  /** @param entries contiguous, at least one */
  constructor(entries: readonly LogEntry[]) {
    this.#firstIndex = entries[0]?.index ?? 0;
    invariant(
      entries.length > 0 && entries.at(-1)?.index === this.#firstIndex + entries.length - 1,
      "§5.3 contiguous entries are packed",
    );
    this.#terms = entries.map(({ term }) => term);
    const others = entries.filter(({ type }) => type !== "command");
    this.#types = new Map(others.map(({ index, type }) => [index, type]));
    this.#ends = new Uint32Array(entries.length);
    const packed = entries.map(({ data }) => (data.length > MAX_PACKED_BYTES ? 0 : data.length));
    this.#bytes = new Uint8Array(packed.reduce((sum, bytes) => sum + bytes, 0));
    let end = 0;
    for (const [at, { index, data }] of entries.entries()) {
      if (data.length > MAX_PACKED_BYTES) this.#large.set(index, data);
      else this.#bytes.set(data, end);
      end += packed[at] ?? 0;
      this.#ends[at] = end;
    }
    invariant(end === this.#bytes.length, "the data of all entries fills the buffer");
  }

  get lastIndex(): number {
    return this.#firstIndex + this.#terms.length - 1;
  }

  termAt(index: number): number | undefined {
    return this.#terms[index - this.#firstIndex];
  }

  /** Size of the entry's data, in bytes. */
  dataBytesAt(index: number): number {
    return this.#large.get(index)?.length ?? this.#endAt(index) - this.#endAt(index - 1);
  }

  entryAt(index: number): LogEntry {
    const term = this.termAt(index);
    invariant(term !== undefined, "an entry is read where it was packed");
    const data = this.#large.get(index) ?? this.#bytes.slice(this.#endAt(index - 1), this.#endAt(index));
    return { index, term, type: this.#types.get(index) ?? "command", data };
  }

  /** Releases the data of large entries before `index`. */
  dropBefore(index: number): void {
    for (const large of this.#large.keys()) if (large < index) this.#large.delete(large);
  }

  #endAt(index: number): number {
    return this.#ends[index - this.#firstIndex] ?? 0;
  }
}
