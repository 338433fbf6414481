import type { Machine } from "../../../src/testing/simulator/machine.ts";
import { recordsEnd } from "../../../src/testing/simulator/monitor/stored-records.ts";

/** The bytes of all records in a replica's log, without the blank space written in advance. */
export function logBytes(machine: Machine<unknown, unknown>): number {
  return sumOf(machine, ".log", recordsEnd);
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
