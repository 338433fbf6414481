import type { Platter } from "../disk/index.ts";
import { startsIn } from "../monitor/index.ts";

/** A copy of a disk. */
export interface Backup {
  readonly platter: Platter;
  /** Number of processes that had started on the replica's data by then. */
  readonly starts: number;
}

/** Copies a disk while no process uses it. Returns undefined if no replica has started on it yet. */
export function backupOf(platter: Platter, directory: string): Backup | undefined {
  const counted = platter.names.get(`${directory}/starts`);
  const starts = counted && startsIn(counted.read(0, counted.size));
  return starts === undefined ? undefined : { platter: platter.copy(), starts };
}
