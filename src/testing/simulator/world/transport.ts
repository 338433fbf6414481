import type { Introductions, ServiceHandler, Transport } from "../../../ports/index.ts";
import type { ReplicaId } from "../../../raft/index.ts";
import { Endpoint, type EndpointOptions } from "../../../rpc/index.ts";

/** Called with the payload of every reply of a replica just before it is sent. */
export type ReplyWatch = (service: string, payload: Uint8Array) => void;

/** The endpoint of a transport, and the functions that carry its bytes. */
export interface SimulatedEndpoint extends EndpointOptions {
  readonly exchange: (to: ReplicaId, message: Uint8Array) => Promise<Uint8Array>;
  readonly leave: () => void;
  readonly replyLeaves?: ReplyWatch;
  /** Wraps the replica's own judgement of the messages that arrive. */
  readonly judged?: (introductions: Introductions) => Introductions;
}

/** A transport over the simulated network: the real codec and the real checks on simulated links. */
export class SimulatedTransport implements Transport {
  readonly #options: SimulatedEndpoint;
  readonly #endpoint: Endpoint;
  #introductions: Introductions | undefined;
  #disposed = false;

  constructor(options: SimulatedEndpoint) {
    this.#options = options;
    this.#endpoint = new Endpoint(options);
  }

  /** The cluster's uid as known to the replica; undefined if not known yet. */
  get clusterUid(): Uint8Array | undefined {
    return this.#introductions?.to(this.#options.self).clusterUid;
  }

  introduce(introductions: Introductions): void {
    const { judged } = this.#options;
    this.#introductions = judged === undefined ? introductions : judged(introductions);
    this.#endpoint.introduce(this.#introductions);
  }

  serve(service: string, handler: ServiceHandler): Promise<void> {
    const { replyLeaves } = this.#options;
    if (replyLeaves === undefined) return this.#endpoint.serve(service, handler);
    return this.#endpoint.serve(service, async (from, payload) => {
      const reply = await handler(from, payload);
      replyLeaves(service, reply);
      return reply;
    });
  }

  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const call = { to, service, payload, signal };
    return this.#endpoint.call(call, (message) => this.#options.exchange(to, message));
  }

  /** Handles the bytes of a call, and returns those of its reply. */
  async handle(message: Uint8Array): Promise<Uint8Array> {
    return (await this.#endpoint.handle(message)).bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endpoint[Symbol.dispose]();
    this.#options.leave();
  }
}
