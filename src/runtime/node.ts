import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { getRequestListener } from "@hono/node-server";
import { Connections } from "./connections.ts";
import { serveLimits } from "./open-files.ts";
import { type Client, plainServer, type Serve, serverUrl, stopOnce, unmapped } from "./server.ts";
import { checkPair } from "./tls-pair.ts";

const checkIntervalMs = 1000;
/**
 * Connections that the system queues until they are accepted. It drops others, and their clients retry after seconds.
 */
const backlog = 4096;

/** Also used on Deno, whose own server accepts HTTP/2 and reports nothing about connections. */
export const serve: Serve = async ({ fetch, hostname, port, stopGraceMs, limits: given, tls }) => {
  const limits = serveLimits(given);
  const connections = new Connections(limits.maxConnections);
  // The server below speaks HTTP/1.1 alone.
  const listener = getRequestListener((request, env) =>
    fetch(request, new SocketClient(env.incoming as IncomingMessage)),
  );
  const timeouts = {
    headersTimeout: limits.headersTimeoutMs,
    // Bodies have their own timeout, which grows with their length.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: checkIntervalMs,
  };
  const handle: RequestListener = (incoming, outgoing) => {
    const { socket } = incoming;
    connections.requestBegins(incoming, outgoing);
    outgoing.once("close", () => connections.requestEnds(socket, outgoing));
    if (hasTarget(incoming)) return void listener(incoming, outgoing);
    outgoing.writeHead(400, { connection: "close" }).end();
  };
  if (tls !== undefined) checkPair(tls);
  const secure =
    tls && createSecureServer({ ...timeouts, ...tls, handshakeTimeout: limits.headersTimeoutMs }, handle);
  secure?.on("secureConnection", (socket) => connections.secured(socket));
  const server = secure ?? createServer(timeouts, handle);
  server.on("connection", (socket) => connections.add(socket));
  server.listen({ port, host: hostname, backlog });
  await once(server, "listening"); // rejects if the port is taken
  const bound = boundPort(server);
  return {
    port: bound,
    url: serverUrl({ hostname, port: bound, isSecure: secure !== undefined }),
    closeIdle: () => connections.closeIdle(),
    reload: async (pair) => {
      if (secure === undefined) throw plainServer();
      checkPair(pair);
      secure.setSecureContext({ cert: pair.cert, key: pair.key });
    },
    stop: stopOnce(
      async () => {
        const closed = once(server, "close");
        server.close();
        connections.closeIdle();
        await closed;
      },
      () => server.closeAllConnections(),
      stopGraceMs,
    ),
  };
};

class SocketClient implements Client {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  get address(): string | undefined {
    const { remoteAddress } = this.#incoming.socket;
    return remoteAddress === undefined ? undefined : unmapped(remoteAddress);
  }
}

const safeHost = /^[a-z0-9._-]+(?::\d{1,5})?$/;

/** Returns whether a request has a target to route by. Corrects the headers that the URL is made of, as Bun does. */
function hasTarget(incoming: IncomingMessage): boolean {
  const { url = "" } = incoming;
  const target = url.startsWith("/") ? url : /^https?:\/\/[^/?#]+(\/.*)$/i.exec(url)?.[1];
  if (target === undefined) return false;
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  if (target !== url || path.includes("\\")) {
    incoming.url = path.replaceAll("\\", "/") + target.slice(path.length);
  }
  // `rawHeaders` keeps the original.
  if (!safeHost.test(incoming.headers.host ?? "")) incoming.headers.host = "localhost";
  return true;
}

function boundPort(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
