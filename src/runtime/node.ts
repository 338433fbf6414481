import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { httpUrl, type Serve, stopOnce } from "./server.ts";

export const serve: Serve = async ({ fetch, hostname, port, stopGraceMs }) => {
  const server = createServer(getRequestListener(fetch));
  server.listen(port, hostname);
  await once(server, "listening"); // rejects where the port is taken
  const bound = boundPort(server);
  return {
    port: bound,
    url: httpUrl(hostname, bound),
    stop: stopOnce(
      () => close(server),
      () => server.closeAllConnections(),
      stopGraceMs,
    ),
  };
};

function boundPort(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // A connection that answers its last request now would be kept alive for its next one.
  const sweep = setInterval(() => server.closeIdleConnections(), 10);
  await closed;
  clearInterval(sweep);
}
