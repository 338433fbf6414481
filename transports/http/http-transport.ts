import type { Hono } from "hono";
import {
  type Introductions,
  type ReplyOf,
  type RpcRequest,
  type RpcServices,
  type Transport,
  TransportError,
} from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import {
  type Addressee,
  isAnswerStatus,
  OutgoingCalls,
  type ReadBody,
  requestTypes,
  rpcContentType,
  rpcRoutes,
} from "../../src/rpc/index.ts";
import type { HttpRequester, HttpResponse } from "./http-requester.ts";

/** The statuses below 500 by which a replica, or a proxy before it, refuses for now: a slow body, a large one, too many. */
const passing: readonly number[] = [408, 413, 429];

/** Where on a peer the routes are mounted, below its base URL. */
export const rpcPath = "/raft";

export interface HttpTransportOptions {
  readonly clusterId: string;
  readonly self: ReplicaId;
  /** The base URL of each peer, such as `http://10.0.0.2:9006`. */
  readonly peers: ReadonlyMap<ReplicaId, string>;
  /** Belongs to the transport from then on. */
  readonly requester: HttpRequester;
  /** Reads the bodies of calls; see `RpcRoutesOptions`. */
  readonly readBody?: ReadBody | undefined;
}

/** One POST per call. Whoever serves HTTP mounts `routes` at `rpcPath`. */
export class HttpTransport implements Transport {
  /** Answers the peers, with what is served; `503` if that is nothing (yet, or any more). */
  readonly routes: Hono;
  readonly #peers: ReadonlyMap<ReplicaId, string>;
  /** By peer and by type of request. */
  readonly #urls: ReadonlyMap<ReplicaId, Map<RpcRequest["type"], string>>;
  readonly #requester: HttpRequester;
  readonly #addressee: Addressee;
  readonly #calls: OutgoingCalls;
  #services: Partial<RpcServices> = {};
  #disposed = false;

  /** @throws RangeError if the URL of a peer is none for HTTP */
  constructor({ clusterId, self, peers, requester, readBody }: HttpTransportOptions) {
    this.#peers = peers;
    this.#urls = new Map([...peers].map(([id, base]) => [id, urlsOf(id, base)]));
    this.#requester = requester;
    this.#addressee = { clusterId, self };
    this.#calls = new OutgoingCalls(this.#addressee);
    this.routes = rpcRoutes({ addressee: this.#addressee, services: () => this.#services, readBody });
  }

  introduce(introductions: Introductions): void {
    this.#addressee.introductions = introductions;
  }

  addressOf(peer: ReplicaId): string | undefined {
    return this.#peers.get(peer);
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
    return this.#calls.make(to, request, signal, async (bytes, ended) => {
      const target = this.#urls.get(to)?.get(request.type);
      if (target === undefined) throw new TransportError("unreachable", `no address of ${to} is known`);
      const response = await this.#requester.post(target, bytes, ended());
      const { status, contentType, body } = response;
      const isAnswer = isAnswerStatus(status) && contentType === rpcContentType;
      const isPeers = status >= 500 || (isAnswer && status === 200);
      if (!isPeers) this.#requester.suspect?.(target);
      if (isAnswer) return body;
      throw new TransportError("refused", `${to} answered ${request.type} with HTTP status ${status}`, {
        mistake: mistakeIn(response),
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#services = {};
    this.#calls[Symbol.dispose]();
    this.#requester[Symbol.dispose]();
  }
}

/** What only a person can put right about a response that is no answer; undefined if the same call may succeed later. */
function mistakeIn({ status, contentType = "of no type" }: HttpResponse): string | undefined {
  const mayPass = status >= 500 || passing.includes(status);
  return mayPass ? undefined : `what answers there is no replica: HTTP status ${status}, ${contentType}`;
}

/** The URL for each type of request. */
function urlsOf(id: ReplicaId, base: string): Map<RpcRequest["type"], string> {
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new RangeError(`peers: the URL of ${id} is one of http or https, not ${JSON.stringify(base)}`);
  }
  const url = base.replace(/\/$/, "") + rpcPath;
  return new Map(requestTypes.map((type) => [type, `${url}/${type}`]));
}
