import { invariant } from "./invariant-violation.ts";
import type { LogEntry } from "./types.ts";

/** Entries that are seldom read, in one buffer: as objects of their own they take twice the memory, and the collector's time. */
export class PackedEntries {
  readonly #firstIndex: number;
  readonly #terms: readonly number[];
  readonly #noops: ReadonlySet<number>;
  /** Where the data of each entry ends; that of the next one starts there. */
  readonly #ends: Uint32Array;
  readonly #bytes: Uint8Array;

  /** @param entries contiguous, one at least */
  constructor(entries: readonly LogEntry[]) {
    this.#firstIndex = entries[0]?.index ?? 0;
    this.#terms = entries.map(({ term }) => term);
    this.#noops = new Set(entries.filter(({ type }) => type === "noop").map(({ index }) => index));
    this.#ends = new Uint32Array(entries.length);
    this.#bytes = new Uint8Array(entries.reduce((bytes, { data }) => bytes + data.length, 0));
    let end = 0;
    for (const [at, { data }] of entries.entries()) {
      this.#bytes.set(data, end);
      end += data.length;
      this.#ends[at] = end;
    }
  }

  termAt(index: number): number | undefined {
    return this.#terms[index - this.#firstIndex];
  }

  /** The bytes of its data. */
  dataBytesAt(index: number): number {
    return this.#endAt(index) - this.#endAt(index - 1);
  }

  entryAt(index: number): LogEntry {
    const term = this.termAt(index);
    invariant(term !== undefined, "an entry is read where it was packed");
    const data = this.#bytes.slice(this.#endAt(index - 1), this.#endAt(index));
    return { index, term, type: this.#noops.has(index) ? "noop" : "command", data };
  }

  #endAt(index: number): number {
    return this.#ends[index - this.#firstIndex] ?? 0;
  }
}
