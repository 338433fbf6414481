import type { TlsPair } from "./tls-pair.ts";

/** An HTTP server: a web-standard handler and its address. */
export interface ServeOptions {
  readonly fetch: (request: Request, client: Client) => Response | Promise<Response>;
  /** The address to bind. */
  readonly hostname: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Time in ms that `stop` waits for requests in flight. Default: 2000. */
  readonly stopGraceMs?: number;
  readonly limits?: Partial<ServeLimits>;
  /** Serves HTTPS. Default: plain HTTP. */
  readonly tls?: TlsPair | undefined;
}

/** The client that sent a request. */
export interface Client {
  /**
   * The IP address that the connection came from: of the client, or of a proxy in front. An IPv4 address has no `::ffff:`
   * before it. Looked up when it is read; may be undefined once the connection is closed.
   */
  readonly address: string | undefined;
}

/** Limits for clients. */
export interface ServeLimits {
  /** Maximum number of connections. Default: `defaultMaxConnections()`. Bun has no such limit. */
  readonly maxConnections: number;
  /**
   * Time in ms after which a connection without a request in flight is closed. Default: 60,000; on Bun at most 12,000.
   */
  readonly idleTimeoutMs: number;
  /** Timeout in ms for the headers of a request. Default: 10,000. Bun has a fixed limit of about 12 s. */
  readonly headersTimeoutMs: number;
}

export interface Server {
  readonly port: number;
  /** Such as `http://127.0.0.1:9006`. Begins with `https:` if the server has a certificate. */
  readonly url: string;
  /** Closes connections without a request in flight, now and from now on. New connections are still accepted. */
  closeIdle(): void;
  /**
   * Replaces the certificate. Resolves when new connections get the new one. Requests in flight end in order on their
   * connections.
   *
   * On Bun another listener takes over the port. In between, for about a millisecond, connections are refused, and
   * connections without a request in flight are closed.
   *
   * @throws RangeError if the certificate and the key do not fit; the ones in use stay. TypeError if the server has no
   *   certificate. On Bun the system's error if another process has taken the port
   */
  reload(tls: TlsPair): Promise<void>;
  /**
   * Stops accepting connections, waits up to `stopGraceMs` for requests in flight, then closes the rest. Connections
   * without a whole request are closed at once. Idempotent.
   */
  stop(): Promise<void>;
}

/**
 * Starts to listen.
 *
 * Requests are routed by their target alone, not by `Host`. Without a usable `Host` the request's URL has another host;
 * the header itself is passed on unchanged.
 *
 * @throws Error with `code` `EADDRINUSE` if the port is in use, or with another code of the system; RangeError if the
 *   certificate and the key do not fit
 */
export type Serve = (options: ServeOptions) => Promise<Server>;

const defaultStopGraceMs = 2000;

/** Returns a `stop` that waits for requests in flight, and closes their connections after a timeout. */
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

const mappedPrefix = "::ffff:";

/** Returns an address in the form of its family: a socket of both families has IPv4 addresses mapped to IPv6. */
export function unmapped(address: string): string {
  return address.startsWith(mappedPrefix) && address.includes(".")
    ? address.slice(mappedPrefix.length)
    : address;
}

export interface Endpoint {
  /** An IPv6 address has no brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly isSecure: boolean;
}

export function serverUrl({ hostname, port, isSecure }: Endpoint): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${isSecure ? "https" : "http"}://${host}:${port}`;
}

export function plainServer(): TypeError {
  return new TypeError("reload: the server was started without a certificate, so it can't get another one");
}
