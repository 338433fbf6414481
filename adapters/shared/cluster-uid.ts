import { CLUSTER_UID_BYTES } from "../../src/ports/index.ts";
import { toHex } from "./hex.ts";

/** @throws RangeError if the uid has a wrong length */
export function uidToHex(uid: Uint8Array): string {
  if (uid.length !== CLUSTER_UID_BYTES) {
    throw new RangeError(`clusterUid: ${CLUSTER_UID_BYTES} bytes, not ${uid.length}`);
  }
  return toHex(uid);
}

/**
 * Compares the uid that a storage is bound to with the wanted one.
 *
 * @returns whether the storage is bound already
 * @throws RangeError if it is bound to another uid
 */
export function assertSameUid(bound: string | undefined, wanted: string): boolean {
  if (bound === undefined) return false;
  if (bound === wanted) return true;
  throw new RangeError(`clusterUid: the storage is bound to ${bound}, and can't be bound to ${wanted}`);
}
