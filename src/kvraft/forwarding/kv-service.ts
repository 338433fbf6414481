import type { KvRequest } from "../../kv/index.ts";
import { type Transport, TransportError } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { decodeReplyPayload } from "../../rpc/index.ts";
import {
  decodeReplies,
  decodeRequests,
  encodeReplies,
  encodeRequests,
  type KvReplies,
} from "./batch-codec.ts";

/** The name of the store's service. */
export const kvServiceName = "kv";

/** Requests of the store's clients over any transport, several in one message, as the service `kv`. */
export interface KvService {
  /**
   * @param handler gets 1 to `kvLimits.batchRequests` requests, none of which rests on another, and gives as many replies
   * @throws what `Transport.serve` throws
   */
  serve(handler: (requests: readonly KvRequest[]) => Promise<KvReplies>): Promise<void>;
  /**
   * Asks a replica. A request for whose reply the message had no room is to be made again on its own.
   *
   * @throws TransportError and nothing else
   */
  call(to: ReplicaId, requests: readonly KvRequest[], signal: AbortSignal): Promise<KvReplies>;
}

export function kvService(transport: Transport): KvService {
  return {
    serve: (handler) =>
      transport.serve(kvServiceName, async (_from, payload) =>
        encodeReplies(await handler(decodeRequests(payload))),
      ),
    async call(to, requests, signal) {
      const payload = await transport.call(to, kvServiceName, encodeRequests(requests), signal);
      const replies = decodeReplyPayload(to, payload, decodeReplies);
      if (!isWhole(requests, replies)) {
        throw new TransportError("refused", `${to} did not answer all of ${requests.length} requests`);
      }
      return replies;
    },
  };
}

/** As many replies as requests; the one to a request that was made on its own is always there. */
function isWhole(requests: readonly KvRequest[], replies: KvReplies): boolean {
  return replies.length === requests.length && (replies.length > 1 || replies[0] !== undefined);
}
