import type { KvReply, KvRequest } from "../../kv/index.ts";
import { type Clock, type Transport, TransportError } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { kvService } from "./kv-service.ts";
import { Lane, type LaneOptions } from "./lane.ts";

/** What a `Forwarder` takes. */
export interface ForwarderOptions {
  readonly transport: Transport;
  readonly clock: Clock;
}

/** Passes clients' requests on to peers: those for one peer that come together travel in one message. */
export class Forwarder {
  readonly #options: LaneOptions;
  /** By kind and peer: a read should not wait for disks, as a write does. */
  readonly #lanes = { reads: new Map<ReplicaId, Lane>(), writes: new Map<ReplicaId, Lane>() };

  constructor({ transport, clock }: ForwarderOptions) {
    const maxPayloadBytes = () => transport.maxPayloadBytes;
    this.#options = { service: kvService(transport), maxPayloadBytes, clock };
  }

  /**
   * Asks a peer.
   *
   * @param signal ends the wait; a request that has not left by then never does
   * @throws TransportError and nothing else, as `Transport.call` does
   */
  call(to: ReplicaId, request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    if (signal.aborted) {
      const cause = signal.reason;
      return Promise.reject(new TransportError("timeout", `the wait for ${to} was ended`, { cause }));
    }
    const lanes = request.type === "kvGet" ? this.#lanes.reads : this.#lanes.writes;
    let lane = lanes.get(to);
    if (lane === undefined) {
      lane = new Lane(to, this.#options);
      lanes.set(to, lane);
    }
    return lane.call(request, signal);
  }
}
