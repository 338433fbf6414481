import {
  type Introductions,
  type ReplyOf,
  type RpcRequest,
  type RpcServices,
  type Transport,
  TransportError,
} from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { type Addressee, answer, OutgoingCalls } from "../../src/rpc/index.ts";

/** A replica's place on a network. */
interface Place extends Addressee {
  readonly send: (to: ReplicaId, bytes: Uint8Array) => Promise<Uint8Array>;
  readonly leave: () => void;
}

export class LoopbackTransport implements Transport {
  readonly #place: Place;
  readonly #calls: OutgoingCalls;
  #services: Partial<RpcServices> = {};
  #disposed = false;

  constructor(place: Place) {
    this.#place = place;
    this.#calls = new OutgoingCalls(place);
  }

  introduce(introductions: Introductions): void {
    this.#place.introductions = introductions;
  }

  async serve(services: Partial<RpcServices>): Promise<void> {
    if (this.#disposed) throw new TransportError("unreachable", "the transport was disposed");
    this.#services = { ...this.#services, ...services };
  }

  call<Request extends RpcRequest>(
    to: ReplicaId,
    request: Request,
    signal: AbortSignal,
  ): Promise<ReplyOf<Request>> {
    return this.#calls.make(to, request, signal, (bytes) => this.#place.send(to, bytes));
  }

  /** Answers the bytes of a call with those of a reply or refusal. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    return (await answer(bytes, this.#services, this.#place)).bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#calls[Symbol.dispose]();
    this.#place.leave();
  }
}
