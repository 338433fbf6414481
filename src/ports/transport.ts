import type { ReplicaId } from "../raft/index.ts";
import type { SealHealth } from "./health.ts";
import type { Introductions } from "./introductions.ts";

/**
 * Handles the requests to one service. If it throws, the caller gets a refusal with the error's message.
 *
 * @param from the sender, as its message says
 * @param payload owned by the handler: the transport does not change it
 */
export type ServiceHandler = (from: ReplicaId, payload: Uint8Array) => Promise<Uint8Array>;

/**
 * Carries requests to peers, and their replies. Both are bytes that the transport does not interpret. A transport may lose,
 * delay, repeat and reorder requests, and may lose replies. It never alters a message, and never gives a call the reply of
 * another call.
 *
 * A request names a service: 1 to 32 of a-z, 0-9 and "-". Raft's own service is `raft`; the others belong to applications.
 *
 * @example
 * ```ts
 * import { replicaId, type Transport } from "ruaft";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * // Another transport, and how many bytes went through it. `Endpoint` of `ruaft/rpc` is the start for a whole one.
 * function counting(inner: Transport, counted: (bytes: number) => void): Transport {
 *   return {
 *     introduce: (introductions) => inner.introduce?.(introductions),
 *     serve: (service, handler) => inner.serve(service, handler),
 *     call(to, service, payload, signal) {
 *       counted(payload.length);
 *       return inner.call(to, service, payload, signal);
 *     },
 *     [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
 *   };
 * }
 *
 * let bytes = 0;
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * using network = new LoopbackNetwork({ clusterId: "example" });
 * const transport = counting(network.transport(n1), (length) => (bytes += length));
 * await network.transport(n2).serve("echo", async (_from, payload) => payload);
 * await transport.call(n2, "echo", Uint8Array.of(1, 2, 3), AbortSignal.timeout(1000));
 * console.log(bytes); // 3
 * ```
 */
export interface Transport {
  /** Limit of the payload of a request or reply, in bytes. It may change. Default: 4 MiB. */
  readonly maxPayloadBytes?: number;
  /** How messages are sealed, now. Absent if they are not. */
  readonly sealing?: SealHealth | undefined;
  /**
   * Sets the introductions of this replica's messages, and the judge of those in peers' messages. Called at most once,
   * before `serve`. Without it, messages carry no introduction, and none is judged.
   */
  introduce?(introductions: Introductions): void;
  /** The address of a peer, such as `http://10.0.0.2:9006`, for logs and errors. Absent if the transport finds peers by their id. */
  addressOf?(peer: ReplicaId): string | undefined;
  /**
   * Serves a service from now on. Requests to a service that is not served are refused.
   *
   * @throws RangeError if the name is not valid, or is served already; TransportError after disposal
   */
  serve(service: string, handler: ServiceHandler): Promise<void>;
  /**
   * Sends a request to a peer and waits for the reply. The caller owns the reply's bytes.
   *
   * @param signal ends the wait; there is no other deadline
   * @throws TransportError and nothing else
   */
  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  /** Ends every call in flight with `unreachable`, stops serving, and closes all resources. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * `tooLarge`: the message exceeds the transport's limit, and was not sent; `unreachable`: there is no connection, or it
 * broke; `timeout`: the signal ended the wait; `refused`: the peer sent a refusal (the call was misdirected or malformed, the
 * service is not served, or its handler threw), or something else than a reply. After any of them except `tooLarge`, the
 * peer may have handled the request.
 */
export type TransportFailure = "tooLarge" | "unreachable" | "timeout" | "refused";

/** Options of a `TransportError`. */
export interface TransportErrorOptions extends ErrorOptions {
  /**
   * What a person has to correct: the peer's address, or the cluster or version of the process there, in a few words such as
   * `this is replica n3, not n2`. Absent if the same call may succeed later without a correction.
   */
  readonly mistake?: string | undefined;
}

/** A call that failed. If its reason is not `tooLarge`, the peer may have acted on the request. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** See {@link TransportFailure}. */
  readonly reason: TransportFailure;
  /** See {@link TransportErrorOptions.mistake}. */
  readonly mistake: string | undefined;

  constructor(reason: TransportFailure, message: string, options: TransportErrorOptions = {}) {
    super(message, options);
    this.reason = reason;
    this.mistake = options.mistake;
  }
}
