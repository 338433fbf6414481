import { PersisterError } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { seal, unseal } from "./sealed.ts";

/** The owner of a database. */
export interface Identity {
  readonly clusterId: string;
  readonly replicaId: ReplicaId;
}

export function encodeIdentity({ clusterId, replicaId }: Identity): Uint8Array {
  return seal({ clusterId, replicaId });
}

/**
 * Checks that the database belongs to this replica.
 *
 * @param bytes what `encodeIdentity` returned when the database was created
 * @throws RangeError if the bytes have changed since; PersisterError `mismatch`
 */
export function checkIdentity(file: string, bytes: Uint8Array, wanted: Identity): void {
  const found = unseal(bytes) as { readonly clusterId: string; readonly replicaId: string } | undefined;
  if (found === undefined) throw new RangeError("the names of its cluster and replica have changed");
  if (found.clusterId !== wanted.clusterId || found.replicaId !== wanted.replicaId) {
    throw new PersisterError(
      "mismatch",
      `${file} belongs to replica ${found.replicaId} of cluster ${found.clusterId}, ` +
        `not to replica ${wanted.replicaId} of cluster ${wanted.clusterId}`,
    );
  }
}
