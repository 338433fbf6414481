/** What serves HTTP: a web-standard handler and where it listens. */
export interface ServeOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** The address to bind. */
  readonly hostname: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** How long `stop` waits for requests in flight; 2000 unless said otherwise. */
  readonly stopGraceMs?: number;
}

export interface Server {
  readonly port: number;
  /** Such as `http://127.0.0.1:9006`. */
  readonly url: string;
  /**
   * Accepts nothing more, gives the requests in flight `stopGraceMs` to finish, then closes what is left. Idempotent.
   */
  stop(): Promise<void>;
}

/**
 * Starts to listen.
 *
 * @throws Error whose `code` is `EADDRINUSE` where the port is taken, or another of the system's
 */
export type Serve = (options: ServeOptions) => Promise<Server>;

export const defaultStopGraceMs = 2000;

/** A `stop` that asks politely, and uses force where that takes too long. */
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

/** @param hostname an IPv6 address stands without brackets */
export function httpUrl(hostname: string, port: number): string {
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
