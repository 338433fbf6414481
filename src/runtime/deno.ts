import { httpUrl, type Serve, stopOnce } from "./server.ts";

type Handler = (request: Request) => Promise<Response>;

/** The little of Deno's API that is used here, so that its types need not be installed. */
declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: Handler,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
};

export const serve: Serve = async ({ fetch, hostname, port, stopGraceMs }) => {
  /** One for each request in flight: answers in the application's stead. A shutdown waits for them all. */
  const cutShort = new Set<() => void>();
  const handler: Handler = (request) =>
    new Promise((resolve, reject) => {
      const end = (): void => resolve(new Response(null, { status: 503 }));
      cutShort.add(end);
      Promise.resolve(fetch(request))
        .then(resolve, reject)
        .finally(() => cutShort.delete(end));
    });
  const server = Deno.serve({ hostname, port, onListen: () => {} }, handler);
  return {
    port: server.addr.port,
    url: httpUrl(hostname, server.addr.port),
    stop: stopOnce(
      () => server.shutdown(),
      () => {
        for (const end of cutShort) end();
      },
      stopGraceMs,
    ),
  };
};
