import type { Transport } from "../../../src/ports/index.ts";
import type { RaftRequest } from "../../../src/raft/index.ts";
import { decodeRaftRequest, raftServiceName } from "../../../src/rpc/index.ts";

/** Gets every Raft request that is sent. */
export type RequestWatch = (type: RaftRequest["type"]) => void;

/** A transport that reports the Raft requests that it sends. */
export function watchedTransport(transport: Transport, requestLeaves: RequestWatch): Transport {
  return {
    serve: (service, handler) => transport.serve(service, handler),
    call(to, service, payload, signal) {
      if (service === raftServiceName) requestLeaves(decodeRaftRequest(payload).type);
      return transport.call(to, service, payload, signal);
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
