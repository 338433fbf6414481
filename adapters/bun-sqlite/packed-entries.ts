import type { LogEntry } from "../../src/raft/index.ts";
import { codeOfType, typeOfCode } from "../shared/index.ts";

/** Entries in two buffers, which move between threads without a copy. */
export interface PackedEntries {
  /** Four numbers an entry: index, term, type, length of the data. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** The concatenated data of all entries. */
  readonly data: Uint8Array<ArrayBuffer>;
}

const numbersPerEntry = 4;

export function packEntries(entries: readonly LogEntry[]): PackedEntries {
  const numbers = new Float64Array(entries.length * numbersPerEntry);
  const data = new Uint8Array(entries.reduce((sum, entry) => sum + entry.data.length, 0));
  let offset = 0;
  for (const [i, entry] of entries.entries()) {
    const { index, term, type } = entry;
    numbers.set([index, term, codeOfType(type), entry.data.length], i * numbersPerEntry);
    data.set(entry.data, offset);
    offset += entry.data.length;
  }
  return { numbers, data };
}

/** Each entry gets a copy of its data, so that it does not keep the data of all others in memory. */
export function unpackEntries({ numbers, data }: PackedEntries): LogEntry[] {
  const entries: LogEntry[] = [];
  let offset = 0;
  for (let at = 0; at < numbers.length; at += numbersPerEntry) {
    const [index = 0, term = 0, code = 0, bytes = 0] = numbers.subarray(at, at + numbersPerEntry);
    entries.push({ index, term, type: typeOfCode(code, index), data: data.slice(offset, offset + bytes) });
    offset += bytes;
  }
  return entries;
}

/** Returns the buffers for the list of transferred objects. */
export function buffersOf({ numbers, data }: PackedEntries): ArrayBuffer[] {
  return [numbers.buffer, data.buffer];
}
