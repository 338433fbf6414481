import type { KvAudit, KvAuditReply, KvBatch, KvBatchReply, KvReply, KvRequest } from "../kv/index.ts";
import type { RaftReply, RaftRequest, ReplicaId } from "../raft/index.ts";
import type { Introductions } from "./introductions.ts";

export type RpcRequest = RaftRequest | KvRequest | KvBatch | KvAudit;
export type RpcReply = RaftReply | KvReply | KvBatchReply | KvAuditReply;

/**
 * The reply that belongs to a request: the one of the same type for Raft, any of the store's for the store, and to a
 * batch as many as it has requests.
 */
export type ReplyOf<Request extends RpcRequest> = Request extends RaftRequest
  ? Extract<RaftReply, { type: Request["type"] }>
  : Request extends KvBatch
    ? KvBatchReply
    : Request extends KvAudit
      ? KvAuditReply
      : KvReply;

/** What a replica answers to its peers, by service. A service that is not served is refused. */
export interface RpcServices {
  readonly raft: (from: ReplicaId, request: RaftRequest) => Promise<RaftReply>;
  readonly kv: (from: ReplicaId, request: KvRequest) => Promise<KvReply>;
  readonly kvBatch: (from: ReplicaId, batch: KvBatch) => Promise<KvBatchReply>;
  readonly kvAudit: (from: ReplicaId, audit: KvAudit) => Promise<KvAuditReply>;
}

/**
 * One request, one reply. A transport may lose, delay, repeat and reorder requests, and may lose replies;
 * it never alters one, and never gives a call the reply of another.
 */
export interface Transport {
  /**
   * How much one message may carry of a command, of entries or of a snapshot, in bytes, whatever else is in it.
   * It may change. Default: 2 MiB.
   */
  readonly maxPayloadBytes?: number;
  /**
   * Sets what every message says of this replica, and who judges what those of peers say. Called at most once, before
   * `serve`; without it messages say nothing and are not judged.
   */
  introduce?(introductions: Introductions): void;
  /** Where a peer is called, such as `http://10.0.0.2:9006`, for messages. Absent if peers are found by their id. */
  addressOf?(peer: ReplicaId): string | undefined;
  /** Adds services; what is served from then on is the union of all calls. */
  serve(services: Partial<RpcServices>): Promise<void>;
  /**
   * Sends a request to a peer and waits for its reply.
   *
   * @param signal ends the wait; there is no other deadline
   * @throws TransportError and nothing else
   */
  call<Request extends RpcRequest>(
    to: ReplicaId,
    request: Request,
    signal: AbortSignal,
  ): Promise<ReplyOf<Request>>;
  /** Ends every call in flight with `unreachable`, serves no more, and leaves nothing open. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * `tooLarge`: the transport carries no message as large, and sent nothing; `unreachable`: nobody there, or the connection broke; `timeout`: the signal ended the wait;
 * `refused`: the peer answered, but not with a reply (another cluster, malformed, unserved, its handler threw).
 * But for the first, none of them says whether the peer acted on the request.
 */
export type TransportFailure = "tooLarge" | "unreachable" | "timeout" | "refused";

export interface TransportErrorOptions extends ErrorOptions {
  /**
   * What is wrong with the address of the peer, or with the cluster or version of who answers there, in a few words such as
   * `this is replica n3, not n2`. Absent if the same call may succeed later without anybody's help.
   */
  readonly mistake?: string | undefined;
}

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
