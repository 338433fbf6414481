import type { Introductions, ServiceHandler, Transport } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { Endpoint, type EndpointOptions } from "../../src/rpc/index.ts";

/** A replica's place on a network. */
interface Place extends EndpointOptions {
  readonly send: (to: ReplicaId, message: Uint8Array) => Promise<Uint8Array>;
  readonly leave: () => void;
}

export class LoopbackTransport implements Transport {
  readonly #place: Place;
  readonly #endpoint: Endpoint;
  #disposed = false;

  constructor(place: Place) {
    this.#place = place;
    this.#endpoint = new Endpoint(place);
  }

  introduce(introductions: Introductions): void {
    this.#endpoint.introduce(introductions);
  }

  serve(service: string, handler: ServiceHandler): Promise<void> {
    return this.#endpoint.serve(service, handler);
  }

  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#endpoint.call({ to, service, payload, signal }, (message) => this.#place.send(to, message));
  }

  /** Answers the bytes of a call with those of a reply or refusal. */
  async answer(message: Uint8Array): Promise<Uint8Array> {
    return (await this.#endpoint.answer(message)).bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endpoint[Symbol.dispose]();
    this.#place.leave();
  }
}
