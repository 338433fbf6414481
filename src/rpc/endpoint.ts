import { type Introductions, type ServiceHandler, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { CallClient, type Exchange, type OutgoingCall } from "./call-client.ts";
import { CallServer, type EncodedAnswer } from "./call-server.ts";
import { Introducer } from "./introducer.ts";

/** Whose the messages are. */
export interface EndpointOptions {
  readonly clusterId: string;
  readonly self: ReplicaId;
}

/** What every transport does, whatever carries its bytes: a transport hands messages to it, and carries what it gives. */
export class Endpoint implements Disposable {
  readonly #introducer = new Introducer();
  readonly #client: CallClient;
  readonly #server: CallServer;
  #disposed = false;

  constructor({ clusterId, self }: EndpointOptions) {
    const addressee = { clusterId, self, introducer: this.#introducer };
    this.#client = new CallClient(addressee);
    this.#server = new CallServer(addressee);
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
   * @param exchange carries the bytes
   */
  call(call: OutgoingCall, exchange: Exchange): Promise<Uint8Array> {
    return this.#client.make(call, exchange);
  }

  /** Answers the bytes of a call; see {@link CallServer.answer}. */
  answer(message: Uint8Array, expected?: string): Promise<EncodedAnswer> {
    return this.#server.answer(message, expected);
  }

  /** Ends every call in flight with `unreachable`, and serves no more. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#server.stop();
    this.#client[Symbol.dispose]();
  }
}
