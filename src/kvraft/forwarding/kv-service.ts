import type { KvRequest } from "../../kv/index.ts";
import { type Transport, TransportError } from "../../ports/index.ts";
import { invariant, MAX_PAYLOAD_BYTES, type ReplicaId } from "../../raft/index.ts";
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

/** Clients' requests over any transport, in batches, as the service `kv`. */
export interface KvService {
  /**
   * @param handler gets the sender, and 1 to `kvLimits.batchRequests` independent requests, and returns as many replies
   * @throws what `Transport.serve` throws
   */
  serve(handler: (from: ReplicaId, requests: readonly KvRequest[]) => Promise<KvReplies>): Promise<void>;
  /**
   * Sends a batch to a replica. A request whose reply did not fit into the message must be sent again, unbatched.
   *
   * @throws TransportError and nothing else
   */
  call(to: ReplicaId, requests: readonly KvRequest[], signal: AbortSignal): Promise<KvReplies>;
}

export function kvService(transport: Pick<Transport, "serve" | "call">): KvService {
  return {
    serve: (handler) =>
      transport.serve(kvServiceName, async (from, payload) => {
        const requests = decodeRequests(payload);
        return encodeAnswer(requests, await handler(from, requests));
      }),
    async call(to, requests, signal) {
      const payload = await transport.call(to, kvServiceName, encodeRequests(requests), signal);
      const replies = decodeReplyPayload(to, payload, decodeReplies);
      if (!isWhole(requests, replies)) {
        throw new TransportError("refused", `${to} did not reply to all of ${requests.length} requests`);
      }
      return replies;
    },
  };
}

function encodeAnswer(requests: readonly KvRequest[], replies: KvReplies): Uint8Array {
  invariant(isWhole(requests, replies), "each request has a reply, and a single one is never omitted");
  const payload = encodeReplies(replies);
  invariant(
    replies.length === 1 || payload.length <= MAX_PAYLOAD_BYTES,
    "replies for which bytes were reserved fit into a message",
  );
  return payload;
}

/** Whether there are as many replies as requests. The reply to a single request is never omitted. */
function isWhole(requests: readonly KvRequest[], replies: KvReplies): boolean {
  return replies.length === requests.length && (replies.length > 1 || replies[0] !== undefined);
}
