import type { ReplicaId } from "../raft/index.ts";
import type { Introductions } from "./introductions.ts";

/**
 * Answers the requests to one service. What it throws reaches the caller as a refusal with the error's message.
 *
 * @param from the replica that asks, as its message says
 * @param payload belongs to the handler
 */
export type ServiceHandler = (from: ReplicaId, payload: Uint8Array) => Promise<Uint8Array>;

/**
 * One request, one reply, both bytes that the transport does not look into. A transport may lose, delay, repeat and reorder
 * requests, and may lose replies. It never alters one, and never gives a call the reply of another.
 *
 * Requests are for a service by its name: 1 to 32 of a-z, 0-9 and "-". Raft's own is `raft`; the others belong to what runs
 * on it.
 */
export interface Transport {
  /** The largest payload of a request or reply, in bytes. It may change. Default: 4 MiB. */
  readonly maxPayloadBytes?: number;
  /**
   * Sets what every message says of this replica, and who judges what those of peers say. Called at most once, before
   * `serve`; without it messages say nothing and are not judged.
   */
  introduce?(introductions: Introductions): void;
  /** Where a peer is called, such as `http://10.0.0.2:9006`, for messages. Absent if peers are found by their id. */
  addressOf?(peer: ReplicaId): string | undefined;
  /**
   * Answers a service from now on. Requests to a service that is not served are refused.
   *
   * @throws RangeError if the name is not one of a service, or is served already; TransportError after disposal
   */
  serve(service: string, handler: ServiceHandler): Promise<void>;
  /**
   * Sends a request to a peer and waits for its reply, which belongs to the caller.
   *
   * @param signal ends the wait; there is no other deadline
   * @throws TransportError and nothing else
   */
  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  /** Ends every call in flight with `unreachable`, serves no more, and leaves nothing open. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * `tooLarge`: the transport carries no message as large, and sent nothing; `unreachable`: nobody there, or the connection broke; `timeout`: the signal ended the wait;
 * `refused`: the peer answered, but not with a reply (another cluster or group, malformed, unserved, its handler threw).
 * But for the first, none of them says whether the peer acted on the request.
 */
export type TransportFailure = "tooLarge" | "unreachable" | "timeout" | "refused";

/** What a `TransportError` takes beside its reason and its message. */
export interface TransportErrorOptions extends ErrorOptions {
  /**
   * What is wrong with the address of the peer, or with the cluster or version of who answers there, in a few words such as
   * `this is replica n3, not n2`. Absent if the same call may succeed later without anybody's help.
   */
  readonly mistake?: string | undefined;
}

/** A call that failed. If its reason is not `tooLarge`, the peer may have acted on the request. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly reason: TransportFailure;
  /** See {@link TransportErrorOptions.mistake}. */
  readonly mistake: string | undefined;

  constructor(reason: TransportFailure, message: string, options: TransportErrorOptions = {}) {
    super(message, options);
    this.reason = reason;
    this.mistake = options.mistake;
  }
}
