import { type Introductions, type SealHealth, type ServiceHandler, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { CallClient, type OutgoingCall, type RoundTrip } from "./call-client.ts";
import { type Arrival, CallServer, type EncodedReply } from "./call-server.ts";
import { Introducer } from "./introducer.ts";
import { type Presence, ProcessPresence } from "./presence.ts";
import { Sealing, type SealOptions } from "./sealed/index.ts";

/** The replica that an endpoint belongs to, and how it seals its messages. */
export interface EndpointOptions extends SealOptions {
  /** 1 to 32 characters of `a-z`, `0-9` and `-`. Messages of other clusters are refused. */
  readonly clusterId: string;
  /** The replica that sends and receives. */
  readonly self: ReplicaId;
}

/**
 * The part that all transports share: seals, addresses, introductions, call numbers, refusals and limits. A transport only carries the bytes.
 *
 * @example
 * ```ts
 * import { type ReplicaId, replicaId, type Transport } from "ruaft";
 * import { Endpoint } from "ruaft/rpc";
 *
 * // A transport within one process. Another one would carry the same bytes over a network.
 * const endpoints = new Map<ReplicaId, Endpoint>();
 * function newTransport(self: ReplicaId): Transport {
 *   const endpoint = new Endpoint({ clusterId: "example", self });
 *   endpoints.set(self, endpoint);
 *   return {
 *     introduce: (introductions) => endpoint.introduce(introductions),
 *     serve: (service, handler) => endpoint.serve(service, handler),
 *     call: (to, service, payload, signal) =>
 *       endpoint.call({ to, service, payload, signal }, async (message) => {
 *         const peer = endpoints.get(to);
 *         if (peer === undefined) throw new Error(`${to} is not here`);
 *         return (await peer.handle(message)).bytes;
 *       }),
 *     async [Symbol.asyncDispose]() {
 *       endpoint[Symbol.dispose]();
 *     },
 *   };
 * }
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * await using one = newTransport(n1);
 * await using two = newTransport(n2);
 * await two.serve("echo", async (_from, payload) => payload);
 * console.log(await one.call(n2, "echo", Uint8Array.of(7), AbortSignal.timeout(1000))); // Uint8Array(1) [ 7 ]
 * ```
 */
export class Endpoint implements Disposable {
  readonly #introducer = new Introducer();
  readonly #client: CallClient;
  readonly #server: CallServer;
  readonly #sealing: Sealing | undefined;
  /** Asks whether another process runs as this replica. */
  readonly presence: Presence;
  #disposed = false;

  /** @param options the replica, and how its messages are sealed */
  constructor({ clusterId, self, seal, ...options }: EndpointOptions) {
    const identity = { clusterId, self, introducer: this.#introducer };
    this.#sealing = seal && new Sealing(seal, options);
    this.#client = new CallClient(identity, this.#sealing?.caller);
    this.#server = new CallServer(identity);
    this.presence = new ProcessPresence(this.#sealing);
  }

  /** See `Transport.sealing`. */
  get sealing(): SealHealth | undefined {
    return this.#sealing?.health();
  }

  /** See `Transport.introduce`. */
  introduce(introductions: Introductions): void {
    this.#introducer.introductions = introductions;
  }

  /** See `Transport.serve`. */
  async serve(service: string, handler: ServiceHandler): Promise<void> {
    if (this.#disposed) throw new TransportError("unreachable", "the transport was disposed");
    this.#server.serve(service, handler);
  }

  /**
   * See `Transport.call`.
   *
   * @param roundTrip carries the bytes
   * @param call receiver, service, payload, and the signal that ends the wait
   */
  call(call: OutgoingCall, roundTrip: RoundTrip): Promise<Uint8Array> {
    return this.#client.make(call, roundTrip);
  }

  /**
   * Handles the bytes of a call; see {@link CallServer.handle}. A message that no holder of the secret sealed is refused
   * before anything of it is decoded, and answered by no bytes.
   *
   * @param message the bytes of one call
   * @param arrival how the call came
   * @returns the bytes of the reply or refusal, and its status
   */
  async handle(message: Uint8Array, arrival: Arrival = {}): Promise<EncodedReply> {
    const received = this.#sealing?.receive(message, arrival.address);
    switch (received?.type) {
      case undefined:
      case "unsealed":
        return this.#server.handle(message, arrival);
      case "hello":
        return { status: "ok", bytes: received.greeting };
      case "refused":
        return { status: "unauthorized", bytes: new Uint8Array() };
      case "call": {
        const { status, bytes } = await this.#server.handle(received.content, arrival);
        return { status, bytes: received.seal(bytes) };
      }
    }
  }

  /** Ends every call in flight with `unreachable`, and refuses all later calls of peers. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#server.stop();
    this.#client[Symbol.dispose]();
  }
}
