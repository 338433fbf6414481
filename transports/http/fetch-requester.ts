import { rpcContentType, rpcLimits } from "../../src/rpc/index.ts";
import { Addresses, type Resolve } from "./addresses.ts";
import { contentLength, type HttpRequester, type HttpResponse } from "./http-requester.ts";
import { resolveOnBun } from "./resolvers.ts";
import { type Target, Targets, urlOf } from "./targets.ts";

/** For Bun's `fetch`, whatever the environment says of proxies: peers are called directly. */
const direct = { proxy: false } as const;

/**
 * By the runtime's own `fetch`, which keeps connections open: the best there is on Bun, slow on Node and Deno.
 *
 * On Bun names are resolved here: `fetch` would let calls to all peers wait for a name server that does not answer.
 *
 * @param resolve how names are resolved on Bun; default: as the system does. Other runtimes resolve them in `fetch`
 */
export function fetchRequester(resolve: Resolve = resolveOnBun): HttpRequester {
  const targets = new Targets(new Addresses(resolve));
  const resolvesNames = "Bun" in globalThis;
  return {
    async post(url, body, signal) {
      if (!resolvesNames) return post(url, { body, signal });
      const target = targets.of(url);
      return targets.run(target, signal, (address) =>
        post(urlOf(target, address), { body, signal, ...asNamed(target) }),
      );
    },
    suspect: (url) => targets.suspect(url),
    // The connections are the runtime's.
    [Symbol.dispose]: () => targets.close(),
  };
}

interface Named {
  readonly headers?: Readonly<Record<string, string>>;
  /** Bun's: the name that a certificate is for. */
  readonly tls?: { readonly serverName: string };
}

interface Post extends Named {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** What tells a server which name it was called by. */
function asNamed({ headers, hostname, isAddress, isSecure }: Target): Named {
  return isSecure && !isAddress ? { headers, tls: { serverName: hostname } } : { headers };
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
