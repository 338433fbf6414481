import type { LogEntry } from "../types.ts";

/** What an entry costs besides its command, in memory and in a message, in bytes: many small ones add up too. */
export const ENTRY_OVERHEAD_BYTES = 32;

/** The size of an entry, for all limits. */
export function sizeOf(entry: LogEntry): number {
  return ENTRY_OVERHEAD_BYTES + entry.data.length;
}

/** The size of several entries. */
export function sizeOfAll(entries: readonly LogEntry[]): number {
  return entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0);
}
