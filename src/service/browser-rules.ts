import { type HostNames, Hosts } from "./hosts.ts";
import { problem } from "./problems.ts";

export interface BrowserRulesOptions extends HostNames {
  /** The origins whose web pages may read and write, such as `https://app.example`. `*` allows all. */
  readonly origins: readonly string[];
}

type Serve<Client> = (request: Request, client: Client) => Response | Promise<Response>;

/** Paths that also answer HTTP/1.0 clients without a `Host`, such as the health checks of load balancers. */
const probes: readonly string[] = ["/healthz", "/livez", "/readyz"];
const safeMethods: readonly string[] = ["GET", "HEAD", "OPTIONS"];
const preflightSeconds = 24 * 60 * 60;

/**
 * Keeps web pages from reading and writing without the user's knowledge. Clients other than browsers send a `Host` and
 * none of the other headers, so the rules do not affect them.
 */
export class BrowserRules {
  readonly #hosts: Hosts;
  readonly #origins: ReadonlySet<string>;

  constructor({ origins, ...names }: BrowserRulesOptions) {
    this.#hosts = new Hosts(names);
    this.#origins = new Set(origins);
  }

  /**
   * Answers a request by `serve` unless a rule refuses it. Tells browsers whether the page may read the response.
   *
   * @param client passed on to `serve`
   */
  answer<Client>(request: Request, serve: Serve<Client>, client: Client): Response | Promise<Response> {
    const { headers } = request;
    const refusal = this.#foreignHost(request);
    if (refusal !== undefined) return refusal;
    const origin = headers.get("origin");
    if (origin !== null && this.#isAllowed(origin)) {
      return answerTo(origin, request, () => serve(request, client));
    }
    if (isUnsafe(request)) {
      if (isCrossSite(headers)) return foreignOrigin(origin);
      if (origin !== null && !isOriginOf(origin, headers.get("host"))) return foreignOrigin(origin);
    }
    return serve(request, client);
  }

  #isAllowed(origin: string): boolean {
    return this.#origins.has(origin) || this.#origins.has("*");
  }

  #foreignHost(request: Request): Response | undefined {
    const host = request.headers.get("host");
    if (host === null) {
      if (probes.includes(new URL(request.url).pathname)) return undefined;
      return problem("malformed", "Host: required");
    }
    switch (this.#hosts.check(host)) {
      case "own":
        return undefined;
      case "unusable":
        return problem("malformed", "Host: must be a name or an address, with an optional port");
      case "foreign": {
        const allowed = `this replica's names are ${this.#hosts}; add others with --allow-host`;
        return problem(
          "foreignHost",
          `Host: ${JSON.stringify(host.slice(0, 200))} is not this replica's: ${allowed}`,
        );
      }
    }
  }
}

function foreignOrigin(origin: string | null): Response {
  const who =
    origin === null ? "a page of another site" : `a page of ${JSON.stringify(origin.slice(0, 200))}`;
  return problem("foreignOrigin", `${who} may not write here; allow an origin with --allow-origin`);
}

function isUnsafe({ method }: Request): boolean {
  return !safeMethods.includes(method);
}

function isCrossSite(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  return site === "cross-site" || site === "same-site";
}

/** Returns whether an origin is the host and port that the request was sent to. A proxy in front may terminate TLS. */
function isOriginOf(origin: string, host: string | null): boolean {
  const [, own] = /^https?:\/\/(.+)$/.exec(origin) ?? [];
  return own !== undefined && own.toLowerCase() === host?.toLowerCase();
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("access-control-request-method");
}

function preflight(): Response {
  const headers = {
    "access-control-allow-methods": "GET, HEAD, POST, DELETE",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": `${preflightSeconds}`,
  };
  return new Response(null, { status: 204, headers });
}

/** Answers a page of an allowed origin. */
async function answerTo(
  origin: string,
  request: Request,
  serve: () => Response | Promise<Response>,
): Promise<Response> {
  const response = isPreflight(request) ? preflight() : await serve();
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("access-control-expose-headers", "retry-after");
  response.headers.append("vary", "origin");
  return response;
}
