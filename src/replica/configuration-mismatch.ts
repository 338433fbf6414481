import { decodeConfiguration, type RaftConfig, type StoredConfiguration } from "../raft/index.ts";

/**
 * Compares the voters that a replica was started with to those in its log, because votes and acknowledgements count
 * only among the same voters.
 *
 * @returns why the replica can't take part; undefined if it can
 */
export function configurationMismatch(
  { id, voters }: Pick<RaftConfig, "id" | "voters">,
  stored: StoredConfiguration | undefined,
): string | undefined {
  if (stored === undefined) return undefined;
  let known: readonly string[];
  try {
    known = decodeConfiguration(stored.data).voters;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `entry ${stored.index} of the log of ${id} can't be used: ${error.message}`;
  }
  const given = [...voters].sort();
  if (given.join() === known.join()) return undefined;
  return (
    `the log of ${id} belongs to a cluster of the voters ${known.join(" ")}, not of ${given.join(" ")}: the voters of a ` +
    "cluster can't change yet. Start the replica with those; for others start a new cluster with empty directories " +
    "(docs/operations.md, More replicas)"
  );
}
