import { InFlight } from "./in-flight.ts";
import { type Client, type ServeOptions, unmapped } from "./server.ts";
import type { TlsPair } from "./tls-pair.ts";

const longIntervalMs = 5000;
/** Timeout in ms for sending the last response. */
const lastResponseMs = 100;
const slash = 0x2f;

/** How a listener serves. */
export interface ListenerOptions extends Pick<ServeOptions, "fetch" | "hostname" | "port"> {
  /** Time in seconds after which an idle connection is closed. */
  readonly idleSeconds: number;
  readonly tls?: TlsPair | undefined;
}

/** A listening socket of Bun's server, with the connections that it accepted. */
export class BunListener {
  readonly port: number;
  readonly #server: Bun.Server<undefined>;
  readonly #inFlight = new InFlight();
  readonly #sweep: ReturnType<typeof setInterval>;
  #keepsIdle = true;
  #ended: Promise<void> | undefined;

  /** @throws Error with the system's `code` if it cannot listen */
  constructor({ fetch, hostname, port, idleSeconds, tls }: ListenerOptions) {
    const inFlight = this.#inFlight;
    const answer = async (request: Request): Promise<Response> => {
      inFlight.add(request);
      try {
        const response = await fetch(routable(request), new BunClient(server, request));
        if (!this.#keepsIdle) response.headers.set("connection", "close");
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
      ...(tls && { tls: { cert: tls.cert, key: tls.key } }),
    });
    this.#server = server;
    this.port = server.port ?? port;
    // Bun counts the time of a request as idle time, even while its body arrives. Requests have their own deadlines.
    this.#sweep = setInterval(() => inFlight.long((request) => server.timeout(request, 0)), longIntervalMs);
  }

  /** Closes connections without a request in flight, now and from now on. */
  closeIdle(): void {
    this.#keepsIdle = false;
    this.#server.closeIdleConnections();
  }

  /** Closes the socket at once. Resolves when the requests in flight have ended and all connections are closed. Idempotent. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** Closes all connections. */
  abort(): void {
    this.#server.stop(true);
  }

  async #end(): Promise<void> {
    this.closeIdle();
    const stopped = this.#server.stop();
    await Promise.race([stopped, this.#inFlight.empty()]);
    // After the last response, only connections with incomplete requests remain. Bun would wait for them.
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, lastResponseMs))]);
    await this.#server.stop(true);
    clearInterval(this.#sweep);
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
