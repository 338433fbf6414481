import { type Transport, TransportError } from "../ports/index.ts";
import type { RaftReply, RaftRequest, ReplicaId } from "../raft/index.ts";
import { decodeRaftReply, decodeRaftRequest, encodeRaftReply, encodeRaftRequest } from "./raft-codec.ts";
import { readReply } from "./read-reply.ts";

/** What a message of Raft holds at most beside entries and chunks, in bytes. */
const RAFT_FIELDS_BYTES = 512;

/** The reply that belongs to a request: the one of the same type. */
export type RaftReplyTo<Request extends RaftRequest> = Extract<RaftReply, { type: Request["type"] }>;

/** Raft's own messages over any transport, as the service `raft`. */
export interface RaftService {
  /** How many bytes of entries or of a snapshot one message may carry. It may change with what the transport carries. */
  readonly maxDataBytes: number;
  /** @throws what `Transport.serve` throws */
  serve(handler: (from: ReplicaId, request: RaftRequest) => Promise<RaftReply>): Promise<void>;
  /** @throws TransportError and nothing else */
  call<Request extends RaftRequest>(
    to: ReplicaId,
    request: Request,
    signal: AbortSignal,
  ): Promise<RaftReplyTo<Request>>;
}

/** The name of Raft's service. */
export const raftServiceName = "raft";

export function raftService(transport: Transport): RaftService {
  return {
    get maxDataBytes() {
      return (transport.maxPayloadBytes ?? Number.POSITIVE_INFINITY) - RAFT_FIELDS_BYTES;
    },
    serve: (handler) =>
      transport.serve(raftServiceName, async (from, payload) =>
        encodeRaftReply(await handler(from, decodeRaftRequest(payload))),
      ),
    async call(to, request, signal) {
      const payload = await transport.call(to, raftServiceName, encodeRaftRequest(request), signal);
      const reply = readReply(to, payload, decodeRaftReply);
      if (isReplyTo(request, reply)) return reply;
      throw new TransportError("refused", `${to} answered a ${request.type} with a ${reply.type}`);
    },
  };
}

function isReplyTo<Request extends RaftRequest>(
  request: Request,
  reply: RaftReply,
): reply is RaftReplyTo<Request> {
  return reply.type === request.type;
}
