import type { Hono } from "hono";
import {
  type Introductions,
  type ServiceHandler,
  type Transport,
  TransportError,
} from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { Endpoint, isAnswerStatus, type ReadBody, rpcContentType, rpcRoutes } from "../../src/rpc/index.ts";
import type { HttpRequester, HttpResponse } from "./http-requester.ts";

/** The statuses below 500 by which a replica, or a proxy before it, refuses for now: a slow body, a large one, too many. */
const passing: readonly number[] = [408, 413, 429];

/** Where on a peer the routes are mounted, below its base URL. */
export const rpcPath = "/rpc";

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
  /** Of each peer, without the name of a service. */
  readonly #urls: ReadonlyMap<ReplicaId, string>;
  readonly #requester: HttpRequester;
  readonly #endpoint: Endpoint;

  /** @throws RangeError if the URL of a peer is none for HTTP */
  constructor({ clusterId, self, peers, requester, readBody }: HttpTransportOptions) {
    this.#peers = peers;
    this.#urls = new Map([...peers].map(([id, base]) => [id, urlOf(id, base)]));
    this.#requester = requester;
    this.#endpoint = new Endpoint({ clusterId, self });
    this.routes = rpcRoutes({ endpoint: this.#endpoint, readBody });
  }

  introduce(introductions: Introductions): void {
    this.#endpoint.introduce(introductions);
  }

  addressOf(peer: ReplicaId): string | undefined {
    return this.#peers.get(peer);
  }

  serve(service: string, handler: ServiceHandler): Promise<void> {
    return this.#endpoint.serve(service, handler);
  }

  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return this.#endpoint.call({ to, service, payload, signal }, async (message, ended) => {
      const base = this.#urls.get(to);
      if (base === undefined) throw new TransportError("unreachable", `no address of ${to} is known`);
      const target = `${base}/${service}`;
      const response = await this.#requester.post(target, message, ended());
      const { status, contentType, body } = response;
      const isAnswer = isAnswerStatus(status) && contentType === rpcContentType;
      const isPeers = status >= 500 || (isAnswer && status === 200);
      if (!isPeers) this.#requester.suspect?.(target);
      if (isAnswer) return body;
      throw new TransportError("refused", `${to} answered a call of ${service} with HTTP status ${status}`, {
        mistake: mistakeIn(response),
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#endpoint[Symbol.dispose]();
    this.#requester[Symbol.dispose]();
  }
}

/** What only a person can put right about a response that is no answer; undefined if the same call may succeed later. */
function mistakeIn({ status, contentType = "of no type" }: HttpResponse): string | undefined {
  const mayPass = status >= 500 || passing.includes(status);
  return mayPass ? undefined : `what answers there is no replica: HTTP status ${status}, ${contentType}`;
}

/** Where the services of a replica are, such as `http://10.0.0.2:9006/rpc`. */
function urlOf(id: ReplicaId, base: string): string {
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new RangeError(`peers: the URL of ${id} is one of http or https, not ${JSON.stringify(base)}`);
  }
  return base.replace(/\/$/, "") + rpcPath;
}
