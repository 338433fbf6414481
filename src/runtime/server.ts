/** What serves HTTP: a web-standard handler and where it listens. */
export interface ServeOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** The address to bind. */
  readonly hostname: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Time in ms that `stop` waits for requests in flight; default: 2000. */
  readonly stopGraceMs?: number;
  readonly limits?: Partial<ServeLimits>;
}

/** What clients may hold of a server. */
export interface ServeLimits {
  /** Connections in all; default: what `defaultMaxConnections` says. Bun has no such limit. */
  readonly maxConnections: number;
  /** Time in ms without a request in flight, after which a connection is closed; default: 60,000, on Bun 12,000 at most. */
  readonly idleTimeoutMs: number;
  /** Time in ms for the headers of a request; default: 10,000. Bun has a limit of its own, of about 12 s. */
  readonly headersTimeoutMs: number;
}

export interface Server {
  readonly port: number;
  /** Such as `http://127.0.0.1:9006`. */
  readonly url: string;
  /** Closes the connections that have no request in flight, now and from now on; new ones are still accepted. */
  closeIdle(): void;
  /**
   * Accepts nothing more, gives the requests in flight `stopGraceMs` to finish, then closes what is left. Connections
   * without a whole request in flight are closed at once. Idempotent.
   */
  stop(): Promise<void>;
}

/**
 * Starts to listen.
 *
 * A request is routed by its target alone, whatever its `Host` says. If there is no usable `Host` the URL of the request
 * has another one; the header is passed on as it came.
 *
 * @throws Error whose `code` is `EADDRINUSE` if the port is taken, or another code of the system
 */
export type Serve = (options: ServeOptions) => Promise<Server>;

const defaultStopGraceMs = 2000;

/** A `stop` that waits for requests in flight, and closes their connections if that takes too long. */
export function stopOnce(
  politely: () => Promise<unknown>,
  byForce: () => unknown,
  graceMs: number = defaultStopGraceMs,
): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const timer = setTimeout(byForce, graceMs);
    await politely();
    clearTimeout(timer);
  };
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

/** @param hostname an IPv6 address has no brackets */
export function httpUrl(hostname: string, port: number): string {
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
