import { PersisterError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";

/** Why a replica whose storage was lost must not go on. */
export function forgotten(self: ReplicaId, peer: ReplicaId): PersisterError {
  return new PersisterError(
    "forgotten",
    `the storage of ${self} is empty, but ${peer} has counted on what was in it: bring the data back, none that is older; ` +
      "a replica that forgot its votes and its log could make the others lose theirs",
  );
}
