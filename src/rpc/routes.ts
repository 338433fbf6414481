import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { isServiceName } from "./call-server.ts";
import type { Endpoint } from "./endpoint.ts";
import type { AnswerStatus } from "./envelope.ts";
import { rpcLimits } from "./limits.ts";

/** Of calls and of answers. */
export const rpcContentType = "application/vnd.ruaft";

const httpStatus = {
  ok: 200,
  malformed: 400,
  foreign: 403,
  failed: 500,
  unserved: 503,
} as const satisfies Record<AnswerStatus, number>;

/** Whether a response of this HTTP status carries an answer; any other comes from elsewhere, or before it was read. */
export function isAnswerStatus(status: number): boolean {
  return Object.values<number>(httpStatus).includes(status);
}

export interface RpcRoutesOptions {
  /** Answers the calls. */
  readonly endpoint: Pick<Endpoint, "answer">;
  /** Reads the body of a call, or answers why not; default: whatever comes, up to the length that a message may have. */
  readonly readBody?: ReadBody | undefined;
}

/** Reads the body of a request of at most `maxBytes`, or answers why not. */
export type ReadBody = (request: Request, maxBytes: number) => Promise<Uint8Array | Response>;

/**
 * An endpoint as an HTTP application: `POST /raft` and so on, one route for each service, whose body is a call and whose
 * response an answer. Mount it wherever the peers look for it:
 *
 * ```ts
 * app.route("/rpc", rpcRoutes({ endpoint }));
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
    const { status, bytes } = await endpoint.answer(body, service);
    return context.body(bytes, httpStatus[status], { "content-type": rpcContentType });
  });

  app.all("/:service", (context) =>
    isServiceName(context.req.param("service"))
      ? context.body(null, 405, { allow: "POST" })
      : context.notFound(),
  );

  // Nothing above throws but a body that is too large, or that broke off.
  app.onError((error, context) =>
    error instanceof HTTPException ? error.getResponse() : context.body(null, 400),
  );
  return app;
}

/** The length is looked at before. */
async function readWhole(request: Request): Promise<Uint8Array> {
  return new Uint8Array(await request.arrayBuffer());
}
