import { httpUrl, type Serve, stopOnce } from "./server.ts";

export const serve: Serve = async ({ fetch, hostname, port, stopGraceMs }) => {
  const server = Bun.serve({
    fetch: (request) => fetch(request),
    hostname,
    port,
    development: false,
    // Every request ends by a deadline of its own; the server's, of ten seconds, would hang up on a longer one.
    idleTimeout: 0,
    // Unless told, a second server of this process on the same port takes the first one's place without a word.
    reusePort: false,
  });
  const bound = server.port ?? port;
  return {
    port: bound,
    url: httpUrl(hostname, bound),
    stop: stopOnce(
      () => server.stop(),
      () => server.stop(true),
      stopGraceMs,
    ),
  };
};
