import type { RpcReply, RpcRequest, RpcServices, Transport } from "../../ports/index.ts";
import type { RaftReply, ReplicaId } from "../../raft/index.ts";
import { assert } from "../assert.ts";
import type { TransportFixture } from "./fixture.ts";

export type Handler = (from: ReplicaId, request: RpcRequest) => Promise<RpcReply>;

/** Brings up a replica that answers both services with one handler. */
export async function startServing(
  fixture: TransportFixture,
  id: ReplicaId,
  handler: Handler,
): Promise<Transport> {
  const transport = await fixture.start(id);
  await transport.serve(bothServices(handler));
  return transport;
}

export function bothServices(handler: Handler): RpcServices {
  return {
    async raft(from, request) {
      const reply = await handler(from, request);
      assert(isRaftReply(reply), `the case answers a ${request.type} with a ${reply.type}`);
      return reply;
    },
    async kv(from, request) {
      const reply = await handler(from, request);
      const isKvReply = !isRaftReply(reply) && reply.type !== "kvBatch" && reply.type !== "kvAudit";
      assert(isKvReply, `the case answers a ${request.type} with a ${reply.type}`);
      return reply;
    },
    async kvBatch(from, batch) {
      const reply = await handler(from, batch);
      assert(reply.type === "kvBatch", `the case answers a batch with a ${reply.type}`);
      return reply;
    },
    async kvAudit(from, audit) {
      const reply = await handler(from, audit);
      assert(reply.type === "kvAudit", `the case answers an audit with a ${reply.type}`);
      return reply;
    },
  };
}

const raftReplyTypes: Readonly<Record<RaftReply["type"], true>> = {
  requestVote: true,
  appendEntries: true,
  installSnapshot: true,
  bootstrapCheck: true,
};

function isRaftReply(reply: RpcReply): reply is RaftReply {
  return Object.hasOwn(raftReplyTypes, reply.type);
}

/** Fits every request of the store. */
export function written(revision: number): RpcReply {
  return { type: "written", revision };
}

/** Keeps every request for ever. */
export const silence: Handler = () => new Promise(() => {});
