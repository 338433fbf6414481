import { TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { MalformedMessage } from "./malformed-message.ts";

/**
 * Decodes the payload of a reply with a service's codec.
 *
 * @param decode throws MalformedMessage if the payload is not a reply
 * @param from the replica that replied, for the error
 * @param payload of its reply
 * @throws TransportError `refused` if `decode` throws MalformedMessage
 * @example
 * ```ts
 * import { replicaId, TransportError } from "ruaft";
 * import { decodeReplyPayload, MalformedMessage } from "ruaft/rpc";
 *
 * function decodeCount([count]: Uint8Array): number {
 *   if (count === undefined) throw new MalformedMessage("no count");
 *   return count;
 * }
 *
 * const n2 = replicaId("n2");
 * console.log(decodeReplyPayload(n2, Uint8Array.of(7), decodeCount)); // 7
 * try {
 *   decodeReplyPayload(n2, new Uint8Array(), decodeCount);
 * } catch (error) {
 *   console.log(error instanceof TransportError && error.reason); // refused
 * }
 * ```
 */
export function decodeReplyPayload<Reply>(
  from: ReplicaId,
  payload: Uint8Array,
  decode: (payload: Uint8Array) => Reply,
): Reply {
  try {
    return decode(payload);
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    throw new TransportError("refused", `${from} sent something else than a reply`, {
      cause: error,
      mistake: `its reply can't be read: ${error.message}`,
    });
  }
}
