import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { RpcServices } from "../ports/index.ts";
import { type Addressee, type AnswerStatus, answer } from "./answer.ts";
import { isRequestType } from "./contract.ts";
import { rpcLimits } from "./limits.ts";

export const rpcContentType = "application/cbor";

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

/** For whom the routes answer, and with what. */
export interface RpcRoutesOptions {
  readonly addressee: Addressee;
  /** Asked at each call, so that services may come and go. */
  readonly services: () => Partial<RpcServices>;
  /** Reads the body of a call, or answers why not; default: whatever comes, up to the length that a message may have. */
  readonly readBody?: ReadBody | undefined;
}

/** Reads the body of a request of at most `maxBytes`, or answers why not. */
export type ReadBody = (request: Request, maxBytes: number) => Promise<Uint8Array | Response>;

/**
 * The RPCs as an HTTP application: `POST /appendEntries` and so on, one route per type of request, whose body is a
 * call and whose response an answer in CBOR. Mount it wherever the peers look for it:
 *
 * ```ts
 * app.route("/raft", rpcRoutes({ addressee: { clusterId, self }, services: () => ({ raft }) }));
 * ```
 */
export function rpcRoutes(options: RpcRoutesOptions): Hono {
  const app = new Hono();
  const { readBody = readWhole } = options;
  if (readBody === readWhole) app.use(bodyLimit({ maxSize: rpcLimits.messageBytes }));

  app.post("/:type", async (context) => {
    const type = context.req.param("type");
    if (!isRequestType(type)) return context.notFound();
    if (context.req.header("content-type") !== rpcContentType) return context.body(null, 415);
    const body = await readBody(context.req.raw, rpcLimits.messageBytes);
    if (body instanceof Response) return body;
    const { status, bytes } = await answer(body, options.services(), options.addressee, type);
    return context.body(bytes, httpStatus[status], { "content-type": rpcContentType });
  });

  app.all("/:type", (context) =>
    isRequestType(context.req.param("type"))
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
