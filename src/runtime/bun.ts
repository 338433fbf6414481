import { serveLimits } from "./open-files.ts";
import { type Client, httpUrl, type Serve, stopOnce, unmapped } from "./server.ts";

const longIntervalMs = 5000;
/**
 * Bun has no limit for connections, so idle ones must close soon. Bun closes a connection without a whole request after
 * this time, in seconds. Peers are never idle for that long.
 */
const mostIdleSeconds = 12;
/** Timeout in ms for sending the last response. */
const lastResponseMs = 100;
const slash = 0x2f;

export const serve: Serve = async ({ fetch, hostname, port, stopGraceMs, limits: given }) => {
  const limits = serveLimits(given);
  const idleSeconds = Math.min(mostIdleSeconds, Math.ceil(limits.idleTimeoutMs / 1000));
  const inFlight = new InFlight();
  let keepsIdle = true;

  const answer = async (request: Request): Promise<Response> => {
    inFlight.add(request);
    try {
      const response = await fetch(routable(request), new BunClient(server, request));
      if (!keepsIdle) response.headers.set("connection", "close");
      return response;
    } finally {
      if (inFlight.remove(request)) server.timeout(request, idleSeconds);
    }
  };
  const server = Bun.serve({
    fetch: answer,
    hostname,
    port,
    development: false,
    idleTimeout: idleSeconds,
    // By default a second server of this process on the same port would silently replace the first.
    reusePort: false,
  });
  // Bun counts the time of a request as idle time, even while its body arrives. Requests have their own deadlines.
  const sweep = setInterval(() => inFlight.long((request) => server.timeout(request, 0)), longIntervalMs);

  const bound = server.port ?? port;
  const closeIdle = (): void => {
    keepsIdle = false;
    server.closeIdleConnections();
  };
  return {
    port: bound,
    url: httpUrl(hostname, bound),
    closeIdle,
    stop: stopOnce(
      async () => {
        closeIdle();
        const stopped = server.stop();
        await Promise.race([stopped, inFlight.empty()]);
        // After the last response, only connections with incomplete requests remain. Bun would wait for them.
        await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, lastResponseMs))]);
        await server.stop(true);
        clearInterval(sweep);
      },
      () => server.stop(true),
      stopGraceMs,
    ),
  };
};

/** The requests without a response so far. */
class InFlight {
  /** The requests that arrived since the last call of `long`. */
  #young = new Set<Request>();
  #old = new Set<Request>();
  #whenEmpty: (() => void) | undefined;

  add(request: Request): void {
    this.#young.add(request);
  }

  /** Returns whether {@link long} has passed the request on. */
  remove(request: Request): boolean {
    const isLong = !this.#young.delete(request) && this.#old.delete(request);
    if (this.#young.size + this.#old.size === 0) this.#whenEmpty?.();
    return isLong;
  }

  /** Passes each request once that has been in flight longer than the interval between two calls. */
  long(tell: (request: Request) => void): void {
    for (const request of this.#young) {
      tell(request);
      this.#old.add(request);
    }
    this.#young = new Set();
  }

  empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#young.size + this.#old.size === 0) resolve();
      this.#whenEmpty = resolve;
    });
  }
}

class BunClient implements Client {
  readonly #server: Bun.Server<undefined>;
  readonly #request: Request;

  constructor(server: Bun.Server<undefined>, request: Request) {
    this.#server = server;
    this.#request = request;
  }

  get address(): string | undefined {
    const found = this.#server.requestIP(this.#request);
    return found === null ? undefined : unmapped(found.address);
  }
}

/** For a request without a usable Host, Bun's URL is the bare target, which URL parsers read as another path. */
function routable(request: Request): Request {
  return request.url.charCodeAt(0) === slash
    ? new Request(`http://localhost${request.url}`, request)
    : request;
}
