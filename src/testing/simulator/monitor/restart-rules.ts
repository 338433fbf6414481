import type { PersistedState, RaftView, WriteBatch } from "../../../raft/index.ts";
import type { DurableImage } from "./durable-image.ts";
import type { Observed } from "./observed.ts";
import { Violation } from "./violation.ts";

/** P5: a restarted replica has everything durable, and all or nothing of the write in flight. */
export function checkRestored(replica: Observed, restored: PersistedState, view: RaftView): void {
  const { image } = replica;
  const inFlight = isStored(image, replica.inFlight) ? undefined : replica.inFlight;
  const { currentTerm, votedFor } = restored.hardState;
  const known = [image.hardState, ...(inFlight?.hardState ? [votesOf(inFlight.hardState)] : [])];
  if (!known.some(({ term, votedFor: vote }) => term === currentTerm && vote === (votedFor ?? ""))) {
    throw new Violation(
      "P5",
      `§5.2 ${replica.id} starts with term ${currentTerm} and vote ${votedFor ?? "none"}; ` +
        `term ${image.hardState.term} and vote ${image.hardState.votedFor || "none"} were durable`,
    );
  }
  if (view.currentTerm !== currentTerm || view.votedFor !== votedFor) {
    throw new Violation("P5", `§5.2 ${replica.id} forgets term ${currentTerm} or its vote as it starts`);
  }
  const snapshotIndex = restored.snapshot?.lastIncludedIndex ?? 0;
  if (snapshotIndex < image.snapshot.index) {
    throw new Violation("P5", `§7 ${replica.id} starts without the snapshot up to ${image.snapshot.index}`);
  }
  const replacedFrom = Math.min(
    inFlight?.truncateFrom ?? Number.POSITIVE_INFINITY,
    inFlight?.entries[0]?.index ?? Number.POSITIVE_INFINITY,
  );
  checkEntries(replica, restored, replacedFrom);
}

/** Returns whether a write is durable already, even if the core does not know it yet. */
function isStored(image: DurableImage, batch: WriteBatch | undefined): boolean {
  if (batch === undefined) return true;
  const { hardState } = batch;
  const last = batch.entries.at(-1);
  if (last !== undefined && !image.holds(last.index, last.term)) return false;
  if (batch.truncateFrom !== undefined && last === undefined && image.lastIndex >= batch.truncateFrom)
    return false;
  return hardState === undefined || image.hardState.term >= hardState.currentTerm;
}

function checkEntries({ id, image }: Observed, restored: PersistedState, replacedFrom: number): void {
  const from =
    Math.max(restored.prevLogIndex, image.prevIndex, restored.snapshot?.lastIncludedIndex ?? 0) + 1;
  for (let index = from; index <= image.lastIndex && index < replacedFrom; index++) {
    const term = image.termAt(index);
    if (restored.entries[index - restored.prevLogIndex - 1]?.term !== term) {
      throw new Violation("P5", `§5.3 ${id} starts without ${index}@${term}, which was durable`);
    }
  }
}

function votesOf(hardState: PersistedState["hardState"]): { term: number; votedFor: string } {
  return { term: hardState.currentTerm, votedFor: hardState.votedFor ?? "" };
}
