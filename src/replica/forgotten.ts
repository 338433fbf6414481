import { PersisterError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";

/** Why a replica whose storage was lost must not go on. */
export function forgotten(self: ReplicaId, peer: ReplicaId): PersisterError {
  return new PersisterError(
    "forgotten",
    `the storage of ${self} is empty, but ${peer} has counted on what was in it: a replica that forgot ` +
      "its votes and its log could make the others lose theirs. If the newest data still exists, on a disk that was not " +
      "mounted, say, start the replica with it; never with a copy or a backup, which are older. The others go on without it",
  );
}
