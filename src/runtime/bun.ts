import { serveLimits } from "./open-files.ts";
import { httpUrl, type Serve, stopOnce } from "./server.ts";

const longIntervalMs = 5000;
/**
 * Bun has no limit for connections, so idle ones must go soon: those that have sent no whole request yet go after this time
 * by Bun's own rule. Peers are never idle for as long.
 */
const mostIdleSeconds = 12;
/** Time that the last response may take on its way out, in ms. */
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
      const response = await fetch(routable(request));
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
    // Unless told, a second server of this process on the same port takes the first one's place without a word.
    reusePort: false,
  });
  // Bun counts the time of a request as idle time, even while its body comes. Each ends by a deadline of its own.
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
        // What is left once the last response is sent are connections with half a request. Bun would wait for them.
        await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, lastResponseMs))]);
        await server.stop(true);
        clearInterval(sweep);
      },
      () => server.stop(true),
      stopGraceMs,
    ),
  };
};

/** The requests that are not answered yet. */
class InFlight {
  /** Those that came since the last look. */
  #young = new Set<Request>();
  #old = new Set<Request>();
  #whenEmpty: (() => void) | undefined;

  add(request: Request): void {
    this.#young.add(request);
  }

  /** Returns whether the request was told of by {@link long}. */
  remove(request: Request): boolean {
    const isLong = !this.#young.delete(request) && this.#old.delete(request);
    if (this.#young.size + this.#old.size === 0) this.#whenEmpty?.();
    return isLong;
  }

  /** Tells of each request once that is in flight for longer than the time between two calls. */
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

/** Bun gives a request without a usable Host its target for a URL, of which every reader takes another path. */
function routable(request: Request): Request {
  return request.url.charCodeAt(0) === slash
    ? new Request(`http://localhost${request.url}`, request)
    : request;
}
