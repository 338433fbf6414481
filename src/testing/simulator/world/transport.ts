import type { KvBatchReply, KvReply } from "../../../kv/index.ts";
import {
  type Introductions,
  type ReplyOf,
  type RpcRequest,
  type RpcServices,
  type Transport,
  TransportError,
} from "../../../ports/index.ts";
import type { RaftReply, RaftRequest, ReplicaId } from "../../../raft/index.ts";
import { type Addressee, answer, OutgoingCalls } from "../../../rpc/index.ts";

/** Called with every message of a replica just before it is sent. */
export interface MessageWatch {
  requestLeaves(request: RpcRequest): void;
  replyLeaves(request: RaftRequest, reply: RaftReply): void;
  storeReplyLeaves(reply: KvReply | KvBatchReply): void;
}

/** Where a transport is, and how its bytes travel. */
export interface SimulatedEndpoint extends Addressee {
  readonly exchange: (to: ReplicaId, bytes: Uint8Array) => Promise<Uint8Array>;
  readonly leave: () => void;
  readonly watch?: MessageWatch;
  /** Wraps the replica's own judgement of the messages that arrive. */
  readonly judged?: (introductions: Introductions) => Introductions;
}

/** A transport over the simulated network: the real codec and the real checks on simulated links. */
export class SimulatedTransport implements Transport {
  readonly #endpoint: SimulatedEndpoint;
  readonly #calls: OutgoingCalls;
  #services: Partial<RpcServices> = {};
  #disposed = false;

  constructor(endpoint: SimulatedEndpoint) {
    this.#endpoint = endpoint;
    this.#calls = new OutgoingCalls(endpoint);
  }

  /** The cluster's uid as known to the replica; undefined if not known yet. */
  get clusterUid(): Uint8Array | undefined {
    const { introductions, self } = this.#endpoint;
    return introductions?.to(self).clusterUid;
  }

  introduce(introductions: Introductions): void {
    const { judged } = this.#endpoint;
    this.#endpoint.introductions = judged === undefined ? introductions : judged(introductions);
  }

  async serve(services: Partial<RpcServices>): Promise<void> {
    if (this.#disposed) throw new TransportError("unreachable", "the transport was disposed");
    this.#services = { ...this.#services, ...this.#watched(services) };
  }

  call<Request extends RpcRequest>(
    to: ReplicaId,
    request: Request,
    signal: AbortSignal,
  ): Promise<ReplyOf<Request>> {
    this.#endpoint.watch?.requestLeaves(request);
    return this.#calls.make(to, request, signal, (bytes) => this.#endpoint.exchange(to, bytes));
  }

  /** Answers the bytes of a call with those of a reply or refusal. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    return (await answer(bytes, this.#services, this.#endpoint)).bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#calls[Symbol.dispose]();
    this.#endpoint.leave();
  }

  #watched(services: Partial<RpcServices>): Partial<RpcServices> {
    const { watch } = this.#endpoint;
    if (watch === undefined) return services;
    const { raft, kv, kvBatch, kvAudit } = services;
    return {
      ...(raft && {
        raft: async (from, request) => {
          const reply = await raft(from, request);
          watch.replyLeaves(request, reply);
          return reply;
        },
      }),
      ...(kv && {
        kv: async (from, request) => {
          const reply = await kv(from, request);
          watch.storeReplyLeaves(reply);
          return reply;
        },
      }),
      ...(kvBatch && {
        kvBatch: async (from, batch) => {
          const reply = await kvBatch(from, batch);
          watch.storeReplyLeaves(reply);
          return reply;
        },
      }),
      ...(kvAudit && { kvAudit }),
    };
  }
}
