import type { Operation } from "../operation.ts";
import type { RevisionedInput, RevisionedOutput } from "./revisioned-operations.ts";
import type { SeenValues } from "./seen-values.ts";

type Recorded = Operation<RevisionedInput, RevisionedOutput>;

/**
 * Returns the partition without those operations of unknown outcome that left no trace in it.
 *
 * A write shows in the values of gets until it is overwritten. It also shows in a revision that neither a get nor a
 * known write explains. And a mismatch without a revision may require any write before it.
 */
export function withoutTraceless(partition: readonly Recorded[], seen: SeenValues): readonly Recorded[] {
  if (partition.every(({ output }) => output !== undefined)) return partition;
  const explained = new Set([0]);
  for (const { output } of partition) {
    if (output?.type === "value" || output?.type === "written") explained.add(output.revision);
  }
  const clues = partition.filter((operation) => isClue(operation, explained, partition));
  const lastClueAt = clues.reduce(
    (latest, { returnAt }) => Math.max(latest, returnAt),
    Number.NEGATIVE_INFINITY,
  );
  return partition.filter(({ input, output, callAt }) => {
    if (output !== undefined) return true;
    return input.type !== "get" && (callAt <= lastClueAt || seen.couldShow(input));
  });
}

/** Returns whether a write of unknown revision may have caused this operation's outcome. */
function isClue(
  operation: Recorded,
  explained: ReadonlySet<number>,
  partition: readonly Recorded[],
): boolean {
  const { input, output, callAt } = operation;
  if (input.type !== "cas") return false;
  if (output?.type !== "mismatch") return !explained.has(input.expectedRevision);
  if (output.revision !== undefined) return !explained.has(output.revision);
  // Revisions increase, so after a higher one the expected revision is gone, after any writes.
  return !partition.some(
    (earlier) => earlier.returnAt < callAt && (earlier.output?.revision ?? 0) > input.expectedRevision,
  );
}
