import type { RpcRequest, Transport } from "../../../src/ports/index.ts";

/** Hears of every request that leaves. */
export type RequestWatch = (type: RpcRequest["type"]) => void;

/** A transport that tells of the requests that go out by it. */
export function watchedTransport(transport: Transport, requestLeaves: RequestWatch): Transport {
  return {
    serve: (services) => transport.serve(services),
    call(to, request, signal) {
      requestLeaves(request.type);
      return transport.call(to, request, signal);
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
