import type { KvReply, KvRequest } from "../../kv/index.ts";
import { type Clock, type Transport, TransportError } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { kvService } from "./kv-service.ts";
import { RequestBatcher, type RequestBatcherOptions } from "./request-batcher.ts";

/** Options of `Forwarder`. */
export interface ForwarderOptions {
  /** Carries the service `kv`. It stays the caller's. */
  readonly transport: Transport;
  /** For the time that requests wait to share a message. */
  readonly clock: Clock;
}

/**
 * Sends clients' requests to peers. Requests to one peer that come at the same time share a message.
 *
 * @example
 * ```ts
 * import { replicaId, systemClock } from "ruaft";
 * import { memoryPersister } from "ruaft/adapters/memory";
 * import { Clerk, Forwarder, KvServer } from "ruaft/kvraft";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * const clusterId = "example";
 * const [n1, client] = [replicaId("n1"), replicaId("client")];
 * const network = new LoopbackNetwork({ clusterId });
 * const persister = memoryPersister({ clusterId, replicaId: n1 });
 * const transport1 = network.transport(n1);
 * const server = await KvServer.start({ id: n1, voters: [n1], clients: [client], transport: transport1, persister });
 *
 * // A clerk in a process that is no replica.
 * const transport = network.transport(client);
 * const forwarder = new Forwarder({ transport, clock: systemClock });
 * const clerk = new Clerk({ call: forwarder.call.bind(forwarder), replicas: [n1] });
 * console.log((await clerk.put("greeting", "Hello")).type); // written
 * await transport[Symbol.asyncDispose]();
 * await server.kill();
 * ```
 */
export class Forwarder {
  readonly #options: RequestBatcherOptions;
  /** Separate for reads, which should not wait for disks as writes do. */
  readonly #batchers = {
    reads: new Map<ReplicaId, RequestBatcher>(),
    writes: new Map<ReplicaId, RequestBatcher>(),
  };

  constructor({ transport, clock }: ForwarderOptions) {
    const maxPayloadBytes = () => transport.maxPayloadBytes;
    this.#options = { service: kvService(transport), maxPayloadBytes, clock };
  }

  /**
   * Sends a request to a peer.
   *
   * @param signal ends the wait; a request that is not sent by then is never sent
   * @param to a replica of the cluster
   * @param request of a client
   * @throws TransportError and nothing else, as `Transport.call` does
   */
  call(to: ReplicaId, request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    if (signal.aborted) {
      const cause = signal.reason;
      return Promise.reject(new TransportError("timeout", `no reply of ${to} in time`, { cause }));
    }
    const batchers = request.type === "kvGet" ? this.#batchers.reads : this.#batchers.writes;
    let batcher = batchers.get(to);
    if (batcher === undefined) {
      batcher = new RequestBatcher(to, this.#options);
      batchers.set(to, batcher);
    }
    return batcher.call(request, signal);
  }
}
