import { type Server, serve, type TlsPair } from "../../src/runtime/index.ts";
import { happening } from "../../src/testing/conformance/transport/fixture.ts";

/** Serves HTTPS. A request of `/wait` is answered after the next one of `/release`, others at once. */
export function servedWithTls(tls: TlsPair): Promise<Server> {
  let released = happening();
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/wait") await released.promise;
    if (pathname === "/release") {
      released.happens();
      released = happening();
    }
    return new Response("OK");
  };
  return serve({ fetch, hostname: "127.0.0.1", port: 0, tls, stopGraceMs: 5000 });
}
