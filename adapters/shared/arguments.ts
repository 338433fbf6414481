import type { SnapshotMeta } from "../../src/raft/index.ts";

/** @throws RangeError unless `value` is a whole number of bytes, `least` or more */
export function assertBytesLimit(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} is ${value}, must be a whole number of bytes from ${least} on`);
  }
}

/** @throws RangeError unless `meta` is newer than the newest snapshot */
export function assertNewer(meta: SnapshotMeta, newest: SnapshotMeta | undefined): void {
  if (newest && meta.lastIncludedIndex <= newest.lastIncludedIndex) {
    throw new RangeError(
      `lastIncludedIndex is ${meta.lastIncludedIndex}, must be above ${newest.lastIncludedIndex}, that of the newest snapshot`,
    );
  }
}
