import { type Transport, TransportError } from "../ports/index.ts";
import type { RaftReply, RaftRequest, ReplicaId } from "../raft/index.ts";
import { LastHeartbeat } from "./last-heartbeat.ts";
import { decodeRaftReply, encodeRaftReply } from "./raft-codec.ts";
import { decodeReplyPayload } from "./reply-payload.ts";

/** Upper bound of a Raft message without its entries or its chunk, in bytes. */
const RAFT_FIELDS_BYTES = 1024;

/** The reply that belongs to a request: the one of the same type. */
export type RaftReplyTo<Request extends RaftRequest> = Extract<RaftReply, { type: Request["type"] }>;

/** Raft's own messages over any transport, as the service `raft`. */
export interface RaftService {
  /** Limit of entries, or of a snapshot's chunk, in one message, in bytes. It changes with the transport's limit. */
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

/** The name of Raft's own service. */
export const raftServiceName = "raft";

/**
 * Binds Raft's own messages to a transport, which carries bytes.
 *
 * @param transport carries the payloads of the service `raft`
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { raftService } from "ruaft/rpc";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * using network = new LoopbackNetwork({ clusterId: "example" });
 * const [one, two] = [raftService(network.transport(n1)), raftService(network.transport(n2))];
 * await two.serve(async () => ({ type: "bootstrapCheck", term: 3, countedPeers: [] }));
 * const check = { type: "bootstrapCheck", term: 0, replicaId: n1, round: 1 } as const;
 * console.log((await one.call(n2, check, AbortSignal.timeout(1000))).term); // 3
 * ```
 */
export function raftService(transport: Transport): RaftService {
  const [sent, received] = [new LastHeartbeat(), new LastHeartbeat()];
  return {
    get maxDataBytes() {
      return (transport.maxPayloadBytes ?? Number.POSITIVE_INFINITY) - RAFT_FIELDS_BYTES;
    },
    serve: (handler) =>
      transport.serve(raftServiceName, async (from, payload) =>
        encodeRaftReply(await handler(from, received.decode(payload))),
      ),
    async call(to, request, signal) {
      const payload = await transport.call(to, raftServiceName, sent.encode(request), signal);
      const reply = decodeReplyPayload(to, payload, decodeRaftReply);
      if (isReplyTo(request, reply)) return reply;
      throw new TransportError("refused", `${to} replied to ${request.type} with ${reply.type}`);
    },
  };
}

function isReplyTo<Request extends RaftRequest>(
  request: Request,
  reply: RaftReply,
): reply is RaftReplyTo<Request> {
  return reply.type === request.type;
}
