import type { Operation } from "../operation.ts";
import type { RevisionedInput, RevisionedOutput } from "./revisioned-operations.ts";
import type { SeenValues } from "./seen-values.ts";

type Recorded = Operation<RevisionedInput, RevisionedOutput>;

/**
 * The partition without operations of unknown outcome that left no trace in it.
 *
 * A write shows in the values of gets until it is overwritten. It shows in its revision too, but only to one that names
 * a revision which neither a get nor a known write explains; and a mismatch that tells no revision may have needed any
 * write before it.
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

/** Whether a write of which nobody was told the revision may be what gave this operation its outcome. */
function isClue(
  operation: Recorded,
  explained: ReadonlySet<number>,
  partition: readonly Recorded[],
): boolean {
  const { input, output, callAt } = operation;
  if (input.type !== "cas") return false;
  if (output?.type !== "mismatch") return !explained.has(input.expectedRevision);
  if (output.revision !== undefined) return !explained.has(output.revision);
  // Revisions rise: past a higher one, the expected one is gone, whatever else was written.
  return !partition.some(
    (earlier) => earlier.returnAt < callAt && (earlier.output?.revision ?? 0) > input.expectedRevision,
  );
}
