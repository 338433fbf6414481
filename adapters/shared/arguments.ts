import type { SnapshotMeta } from "../../src/raft/index.ts";

/** @throws RangeError if `value` is not a whole number of bytes, or below `least` */
export function assertBytesLimit(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} is ${value}, must be a whole number of bytes, at least ${least}`);
  }
}

/** @throws RangeError if `meta` is not newer than the newest snapshot */
export function assertNewer(meta: SnapshotMeta, newest: SnapshotMeta | undefined): void {
  if (newest && meta.lastIncludedIndex <= newest.lastIncludedIndex) {
    throw new RangeError(
      `lastIncludedIndex is ${meta.lastIncludedIndex}, must be above ${newest.lastIncludedIndex}, that of the newest snapshot`,
    );
  }
}
