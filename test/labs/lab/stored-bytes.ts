import type { Machine } from "../../../src/testing/index.ts";

/**
 * The bytes of all records in a replica's log. Its files are filled with zeros ahead of use, so what counts is what
 * stands before the last byte that is not zero; the spare file has no such byte.
 */
export function logBytes(machine: Machine<unknown, unknown>): number {
  return sumOf(machine, ".log", (bytes) => bytes.findLastIndex((byte) => byte !== 0) + 1);
}

/** The bytes of a replica's snapshots, with the header and the checksums of their files. */
export function snapshotBytes(machine: Machine<unknown, unknown>): number {
  return sumOf(machine, ".snapshot", (bytes) => bytes.length);
}

function sumOf(
  { disk }: Machine<unknown, unknown>,
  ending: string,
  bytesOf: (content: Uint8Array) => number,
): number {
  let sum = 0;
  for (const [name, content] of disk.platter.names) {
    if (name.endsWith(ending)) sum += bytesOf(content.read(0, content.size));
  }
  return sum;
}
