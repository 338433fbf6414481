import { rpcContentType, rpcLimits } from "../../src/rpc/index.ts";
import { Addresses, type Resolve } from "./addresses.ts";
import { contentLength, type HttpRequester, type HttpResponse } from "./http-requester.ts";
import { resolveOnBun } from "./resolvers.ts";
import { type Target, Targets, urlOf } from "./targets.ts";

/** Makes Bun's `fetch` ignore the environment's proxies: peers are called directly. */
const direct = { proxy: false } as const;

/**
 * Uses the runtime's `fetch`, which keeps connections open: the fastest way on Bun, a slow one on Node and Deno.
 *
 * On Bun names are resolved here, because `fetch` blocks the calls to all peers if a name server does not answer.
 *
 * @param resolve resolves names on Bun. Default: the system's resolver. Other runtimes resolve names in `fetch`
 * @example
 * ```ts
 * import { fetchRequester } from "ruaft/transports/http";
 *
 * // On Bun and in tests: names are looked up in a table.
 * using requester = fetchRequester(async (name) => (name === "pi2" ? ["10.0.0.2"] : []));
 * console.log(typeof requester.post); // function
 * ```
 */
export function fetchRequester(resolve: Resolve = resolveOnBun): HttpRequester {
  const targets = new Targets(new Addresses(resolve));
  let ca: string | undefined;
  const resolvesNames = "Bun" in globalThis;
  return {
    async post(url, body, signal) {
      if (!resolvesNames) return post(url, { body, signal });
      const target = targets.of(url);
      return targets.run(target, signal, (address) =>
        post(urlOf(target, address), { body, signal, ...asNamed(target, ca) }),
      );
    },
    trust(authorities) {
      ca = authorities;
    },
    suspect: (url) => targets.suspect(url),
    // The runtime owns the connections.
    [Symbol.dispose]: () => targets.close(),
  };
}

interface Named {
  readonly headers?: Readonly<Record<string, string>>;
  /** For Bun, which keeps connections with other options apart. */
  readonly tls?: BunTls;
}

interface BunTls {
  /** The name that the certificate must be valid for. Default: the address that is called. */
  readonly serverName?: string;
  /** The CAs that are trusted, in PEM. Default: the system's. */
  readonly ca?: string;
}

interface Post extends Named {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** Sets the server name of TLS (SNI), unless the host is an address, and the CAs. */
function asNamed({ headers, hostname, isAddress, isSecure }: Target, ca: string | undefined): Named {
  if (!isSecure) return { headers };
  return { headers, tls: { ...(!isAddress && { serverName: hostname }), ...(ca !== undefined && { ca }) } };
}

async function post(url: string, { headers, body, signal, tls }: Post): Promise<HttpResponse> {
  const response = await fetch(url, {
    ...direct,
    method: "POST",
    headers: { "content-type": rpcContentType, ...headers },
    body,
    signal,
    redirect: "error",
    ...(tls && { tls }),
  });
  contentLength(response.headers.get("content-length"), rpcLimits.messageBytes);
  const contentType = response.headers.get("content-type") ?? undefined;
  return { status: response.status, contentType, body: new Uint8Array(await response.arrayBuffer()) };
}
