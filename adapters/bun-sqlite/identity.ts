import { PersisterError } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { seal, unseal } from "./sealed.ts";

/** The owner of a database. */
export interface Identity {
  readonly clusterId: string;
  readonly replicaId: ReplicaId;
  /**
   * All voters of the cluster. Data written with other voters is refused, because promises hold only among the same
   * voters. Not checked if undefined.
   */
  readonly voters?: readonly ReplicaId[] | undefined;
}

export function encodeIdentity({ clusterId, replicaId, voters }: Identity): Uint8Array {
  return seal({ clusterId, replicaId, voters: listOf(voters) ?? null });
}

/**
 * Checks that the database belongs to this replica.
 *
 * @param bytes what `encodeIdentity` returned when the database was created
 * @throws RangeError if the bytes have changed since; PersisterError `mismatch`
 */
export function checkIdentity(file: string, bytes: Uint8Array, wanted: Identity): void {
  const found = unseal(bytes) as
    | { readonly clusterId: string; readonly replicaId: string; readonly voters: string | null }
    | undefined;
  if (found === undefined) throw new RangeError("the names of its cluster and replica have changed");
  if (found.clusterId !== wanted.clusterId || found.replicaId !== wanted.replicaId) {
    throw new PersisterError(
      "mismatch",
      `${file} belongs to replica ${found.replicaId} of cluster ${found.clusterId}, ` +
        `not to replica ${wanted.replicaId} of cluster ${wanted.clusterId}`,
    );
  }
  const voters = listOf(wanted.voters);
  if (voters !== undefined && found.voters !== null && found.voters !== voters) {
    throw new PersisterError(
      "mismatch",
      `${file} belongs to a cluster of the voters ${found.voters}, not of ${voters}: ` +
        "the voters of a cluster can't change yet. Start the replica with those; for others start a new cluster with " +
        "empty directories (docs/operations.md, More replicas)",
    );
  }
}

function listOf(voters: readonly ReplicaId[] | undefined): string | undefined {
  return voters && [...voters].sort().join(" ");
}
