import type { Introductions, SealHealth, ServiceHandler, Transport } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { Endpoint, type EndpointOptions } from "../../src/rpc/index.ts";

/** The connection of a replica to a network. */
interface LoopbackOptions extends EndpointOptions {
  readonly send: (to: ReplicaId, message: Uint8Array) => Promise<Uint8Array>;
  readonly leave: () => void;
}

export class LoopbackTransport implements Transport {
  readonly #options: LoopbackOptions;
  readonly #endpoint: Endpoint;
  #disposed = false;

  constructor(options: LoopbackOptions) {
    this.#options = options;
    this.#endpoint = new Endpoint(options);
  }

  get sealing(): SealHealth | undefined {
    return this.#endpoint.sealing;
  }

  introduce(introductions: Introductions): void {
    this.#endpoint.introduce(introductions);
  }

  serve(service: string, handler: ServiceHandler): Promise<void> {
    return this.#endpoint.serve(service, handler);
  }

  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#endpoint.call({ to, service, payload, signal }, (message) =>
      this.#options.send(to, message),
    );
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
