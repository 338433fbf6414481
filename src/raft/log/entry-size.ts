import type { LogEntry } from "../types.ts";

/** Overhead of an entry besides its data, in memory and in a message, in bytes. It matters for many small entries. */
export const ENTRY_OVERHEAD_BYTES = 32;

/** The size of an entry in bytes, as used for all limits. */
export function sizeOf(entry: LogEntry): number {
  return ENTRY_OVERHEAD_BYTES + entry.data.length;
}

/** The size of several entries in bytes. */
export function sizeOfAll(entries: readonly LogEntry[]): number {
  return entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0);
}
