import type { Hono } from "hono";
import {
  type Introductions,
  type SealHealth,
  type ServiceHandler,
  type Transport,
  TransportError,
} from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import {
  Endpoint,
  type EndpointOptions,
  isReplyStatus,
  type ReadBody,
  rpcContentType,
  rpcRoutes,
} from "../../src/rpc/index.ts";
import type { HttpRequester, HttpResponse } from "./http-requester.ts";

/** Statuses below 500 of temporary refusals: a slow body, a large one, too many requests. */
const temporaryStatuses: readonly number[] = [408, 413, 429];

/** The answer of a peer that refuses a message for its seal. */
const refusedUnread = new Uint8Array();

/** The path of the routes below a replica's base URL. */
export const rpcPath = "/rpc";

/** Options of `HttpTransport`. */
export interface HttpTransportOptions extends EndpointOptions {
  /** The base URL of each peer, such as `http://10.0.0.2:9006`. */
  readonly peers: ReadonlyMap<ReplicaId, string>;
  /** Owned by the transport, which disposes it. */
  readonly requester: HttpRequester;
  /** Reads the bodies of calls; see `RpcRoutesOptions`. */
  readonly readBody?: ReadBody | undefined;
}

/**
 * One POST per call. The HTTP server of the process must mount `routes` at `rpcPath`.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { replicaId } from "ruaft";
 * import { fetchRequester, HttpTransport, rpcPath } from "ruaft/transports/http";
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * const peers = new Map([
 *   [n1, "http://10.0.0.1:9006"],
 *   [n2, "http://10.0.0.2:9006"],
 * ]);
 * const transport = new HttpTransport({ clusterId: "example", self: n1, peers, requester: fetchRequester() });
 *
 * // An HTTP server mounts the routes: Bun.serve({ fetch: app.fetch }).
 * const app = new Hono().route(rpcPath, transport.routes);
 * const response = await app.request("/rpc/raft", { method: "POST" });
 * console.log(response.status); // 415
 * await transport[Symbol.asyncDispose]();
 * ```
 */
export class HttpTransport implements Transport {
  /** Handles the calls of peers. Responds with 503 if the service is not served (yet, or no longer). */
  readonly routes: Hono;
  readonly #peers: ReadonlyMap<ReplicaId, string>;
  /** The URL of each peer's routes, without the name of a service. */
  readonly #urls: ReadonlyMap<ReplicaId, string>;
  readonly #requester: HttpRequester;
  readonly #endpoint: Endpoint;

  /** @throws RangeError if the URL of a peer is not an HTTP URL */
  constructor({ peers, requester, readBody, ...options }: HttpTransportOptions) {
    this.#peers = peers;
    this.#urls = new Map([...peers].map(([id, base]) => [id, urlOf(id, base)]));
    this.#requester = requester;
    this.#endpoint = new Endpoint(options);
    this.routes = rpcRoutes({ endpoint: this.#endpoint, readBody });
  }

  get sealing(): SealHealth | undefined {
    return this.#endpoint.sealing;
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
      if (base === undefined) throw new TransportError("unreachable", `the address of ${to} is not known`);
      const target = `${base}/${service}`;
      const response = await this.#requester.post(target, message, ended());
      const { status, contentType, body } = response;
      const isReply = isReplyStatus(status) && contentType === rpcContentType;
      const isOfPeer = status >= 500 || (isReply && status === 200);
      if (!isOfPeer) this.#requester.suspect?.(target);
      if (isReply) return body;
      if (status === 401) return refusedUnread;
      throw new TransportError(
        "refused",
        `${to} responded to a call of ${service} with HTTP status ${status}`,
        {
          mistake: mistakeIn(response),
        },
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#endpoint[Symbol.dispose]();
    this.#requester[Symbol.dispose]();
  }
}

/** What a person has to correct after a response that is not a reply; undefined if the same call may succeed later. */
function mistakeIn({ status, contentType = "of no type" }: HttpResponse): string | undefined {
  const isTemporary = status >= 500 || temporaryStatuses.includes(status);
  return isTemporary ? undefined : `what answers there is no replica: HTTP status ${status}, ${contentType}`;
}

/** The URL of a replica's routes, such as `http://10.0.0.2:9006/rpc`. */
function urlOf(id: ReplicaId, base: string): string {
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new RangeError(
      `peers: the URL of ${id} must begin with http:// or https://, not ${JSON.stringify(base)}`,
    );
  }
  return base.replace(/\/$/, "") + rpcPath;
}
