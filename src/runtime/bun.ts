import { BunListener } from "./bun-listener.ts";
import { serveLimits } from "./open-files.ts";
import { plainServer, type Serve, serverUrl, stopOnce } from "./server.ts";
import { checkPair } from "./tls-pair.ts";

/**
 * Bun has no limit for connections, so idle ones must close soon. Bun closes a connection without a whole request after
 * this time, in seconds. Peers are never idle for that long.
 */
const mostIdleSeconds = 12;
/** Time in ms after which a reload gives up if another process has taken the port. */
const portTakenMs = 2000;
const retryMs = 20;

export const serve: Serve = async ({ fetch, hostname, port, stopGraceMs, limits: given, tls }) => {
  const limits = serveLimits(given);
  const idleSeconds = Math.min(mostIdleSeconds, Math.ceil(limits.idleTimeoutMs / 1000));
  if (tls !== undefined) checkPair(tls);
  let current = new BunListener({ fetch, hostname, port, idleSeconds, tls });
  const bound = current.port;
  /** The present listener, and earlier ones with requests in flight. */
  const listeners = new Set([current]);
  let isStopping = false;

  return {
    port: bound,
    url: serverUrl({ hostname, port: bound, isSecure: tls !== undefined }),
    closeIdle: () => {
      for (const listener of listeners) listener.closeIdle();
    },
    reload: async (pair) => {
      if (tls === undefined) throw plainServer();
      checkPair(pair);
      if (isStopping) return;
      // Bun's own reload keeps the certificate, so another listener takes over the port. Between the two is no await.
      const previous = current;
      previous.end().then(() => listeners.delete(previous));
      const next = { fetch, hostname, port: bound, idleSeconds, tls: pair };
      current = await listenAgain(() => new BunListener(next));
      listeners.add(current);
      if (isStopping) await current.end();
    },
    stop: stopOnce(
      async () => {
        isStopping = true;
        await Promise.all([...listeners].map((listener) => listener.end()));
      },
      () => {
        for (const listener of listeners) listener.abort();
      },
      stopGraceMs,
    ),
  };
};

/** Listens at once, or as soon as the port is free again. */
async function listenAgain(listen: () => BunListener): Promise<BunListener> {
  const lastMs = performance.now() + portTakenMs;
  for (;;) {
    try {
      return listen();
    } catch (error) {
      if (performance.now() >= lastMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}
