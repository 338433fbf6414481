import { PersisterError } from "../ports/index.ts";
import type { RaftView, StorageLost } from "../raft/index.ts";

/** Explains why a replica must stop whose storage lacks what others have counted. */
export function storageLostError(
  { id, lastLogIndex }: RaftView,
  { peer, lacks }: StorageLost,
): PersisterError {
  const found =
    lacks === undefined
      ? `the storage of ${id} is empty, but ${peer} has counted on what was in it`
      : `the storage of ${id} is older than what ${id} acknowledged: ${peer} leads and has counted on entry ` +
        `${lacks.index} of term ${lacks.term}, but the log here ends at index ${lastLogIndex} or differs before that. ` +
        "An older copy of the data was put in its place, or the disk lost what it had synced";
  const second =
    lacks === undefined
      ? `If another process runs as ${id}, this one was started by mistake, and nothing is lost. `
      : "";
  return new PersisterError(
    "storageLost",
    `${found}. A replica that forgot its votes and its log could make the others lose theirs, so it stops. ${second}If the ` +
      "newest data still exists, on a disk that was not mounted, say, start the replica with it; never with a copy or " +
      "a backup, which are older. If it is gone, this replica can't come back: the others go on without it, and a new " +
      "cluster is the way to replace it (docs/operations.md, A lost disk)",
  );
}
