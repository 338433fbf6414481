/**
 * The names in a replica's directory. Names of segments and snapshots sort by their number. Files named `.tmp` are
 * useless to all but the process that wrote them.
 */
export const metaName = "meta";
export const startsName = "starts";
/** Exists only in a directory on which no replica may start; see starts.ts. */
export const outdatedName = "outdated";

export function segmentName(sequence: number): string {
  return `${padded(sequence)}.log`;
}

export function snapshotName(lastIncludedIndex: number): string {
  return `${padded(lastIncludedIndex)}.snapshot`;
}

/** Oldest first. */
export function segmentNames(names: readonly string[]): string[] {
  return names.filter((name) => /^\d{16}\.log$/.test(name)).sort();
}

/** Oldest first. */
export function snapshotNames(names: readonly string[]): string[] {
  return names.filter((name) => /^\d{16}\.snapshot$/.test(name)).sort();
}

export function temporaryNames(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith(".tmp"));
}

function padded(count: number): string {
  return String(count).padStart(16, "0");
}
