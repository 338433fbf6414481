import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { isServiceName } from "./call-server.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ReplyStatus } from "./envelope.ts";
import { rpcLimits } from "./limits.ts";

/** Content type of calls and replies. */
export const rpcContentType = "application/vnd.ruaft";

const httpStatus = {
  ok: 200,
  malformed: 400,
  misdirected: 403,
  failed: 500,
  noSuchService: 503,
} as const satisfies Record<ReplyStatus, number>;

/**
 * Whether a response with this HTTP status carries a reply. Any other status comes from a proxy, or from before the call was read.
 *
 * @param status of an HTTP response
 * @example
 * ```ts
 * import { isReplyStatus } from "ruaft/rpc";
 *
 * console.log(isReplyStatus(200), isReplyStatus(404)); // true false
 * ```
 */
export function isReplyStatus(status: number): boolean {
  return Object.values<number>(httpStatus).includes(status);
}

/** Options of `rpcRoutes`. */
export interface RpcRoutesOptions {
  /** Handles the calls. */
  readonly endpoint: Pick<Endpoint, "handle">;
  /** Reads the body of a call. Default: reads any body up to the limit of a message. */
  readonly readBody?: ReadBody | undefined;
}

/** Reads the body of a request of at most `maxBytes`, or returns the response that refuses it. */
export type ReadBody = (request: Request, maxBytes: number) => Promise<Uint8Array | Response>;

/**
 * An endpoint as an HTTP application, with one route for each service, such as `POST /raft`. The request's body is a call,
 * the response's body is its reply. Mount it at the path that the peers call.
 *
 * @param options `readBody` replaces the reader of bodies
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { replicaId } from "ruaft";
 * import { Endpoint, rpcRoutes } from "ruaft/rpc";
 *
 * const endpoint = new Endpoint({ clusterId: "example", self: replicaId("n1") });
 * const app = new Hono().route("/rpc", rpcRoutes({ endpoint }));
 * const response = await app.request("/rpc/raft", { method: "POST" });
 * console.log(response.status); // 415
 * ```
 */
export function rpcRoutes(options: RpcRoutesOptions): Hono {
  const app = new Hono();
  const { endpoint, readBody = readWhole } = options;
  if (readBody === readWhole) app.use(bodyLimit({ maxSize: rpcLimits.messageBytes }));

  app.post("/:service", async (context) => {
    const service = context.req.param("service");
    if (!isServiceName(service)) return context.notFound();
    if (context.req.header("content-type") !== rpcContentType) return context.body(null, 415);
    const body = await readBody(context.req.raw, rpcLimits.messageBytes);
    if (body instanceof Response) return body;
    const { status, bytes } = await endpoint.handle(body, { service, address: addressOf(context.env) });
    if (status === "unauthorized") return context.body(null, 401, { "content-length": "0" });
    return context.body(bytes, httpStatus[status], { "content-type": rpcContentType });
  });

  app.all("/:service", (context) =>
    isServiceName(context.req.param("service"))
      ? context.body(null, 405, { allow: "POST" })
      : context.notFound(),
  );

  // Only a body that is too large or ends early throws above.
  app.onError((error, context) =>
    error instanceof HTTPException ? error.getResponse() : context.body(null, 400),
  );
  return app;
}

/** The address of the client, if the server passes it on. */
function addressOf(env: unknown): string | undefined {
  const { address } = (env ?? {}) as { readonly address?: unknown };
  return typeof address === "string" ? address : undefined;
}

/** `bodyLimit` has checked the length. */
async function readWhole(request: Request): Promise<Uint8Array> {
  return new Uint8Array(await request.arrayBuffer());
}
