import { type Context, type Handler, Hono } from "hono";
import type { Clerk, Soundness } from "../kvraft/index.ts";
import type { Logger, ReplicaState } from "../ports/index.ts";
import type { Bodies } from "./bodies/index.ts";
import { append, get, getPath, isLeader, put } from "./kvstore.ts";
import { live, ready } from "./probes.ts";
import { problem } from "./problems.ts";
import { Readiness } from "./readiness.ts";
import { type ReplicaInfo, replicaStatus } from "./status.ts";
import { WaitingRequests } from "./waiting-requests.ts";

export interface DurioAppOptions {
  /** Reaches the leader. Its timeout bounds the time of a request. */
  readonly clerk: Clerk;
  /** Returns the current state of this replica. */
  readonly status: () => ReplicaState;
  /** Returns what is known of the integrity of this replica's data. */
  readonly soundness: () => Soundness;
  /** The clock of this replica, in ms. */
  readonly now: () => number;
  readonly info: ReplicaInfo;
  /** Reads the bodies of requests. */
  readonly bodies: Bodies;
  /** Whether this replica is about to stop. Default: never. */
  readonly isDraining?: () => boolean;
  /** Logs unexpected failures. */
  readonly logger: Logger;
}

/**
 * Creates the HTTP service of one replica. A request that was not carried out gets `application/problem+json`. More
 * routes may be added until it serves its first request. If mounted in another application, it leaves unknown routes to
 * that one.
 */
export function durioApp(options: DurioAppOptions): Hono {
  const { clerk, status, soundness, now, info, bodies, isDraining, logger } = options;
  const app = new Hono();
  const others = new Hono();
  const startedAt = now();
  const readiness = new Readiness(clerk, status);
  const waiting = new WaitingRequests(() => status().leader !== undefined);

  /**
   * Refusals are separate routes, because a second handler for a path would put every request on Hono's slow dispatch.
   */
  const route = (method: "GET" | "POST", path: string, handler: Handler): void => {
    app.on(method, path, handler);
    const allow = method === "GET" ? ["GET", "HEAD"] : [method];
    others.all(path, (c) => (allow.includes(c.req.method) ? c.notFound() : notAllowed(c, allow.join(", "))));
  };

  route("GET", "/kvstore/is_leader", isLeader(status));
  // A pattern for the key would make every route leave Hono's fast router.
  route("GET", `${getPath}*`, get({ clerk, waiting, status }));
  route("POST", "/kvstore/put", put({ clerk, waiting, bodies, status }));
  route("POST", "/kvstore/append", append({ clerk, waiting, bodies, status }));
  route("GET", "/status", (c) =>
    c.json(replicaStatus(info, status(), soundness(), { now: now(), startedAt })),
  );
  for (const path of ["/healthz", "/livez"]) route("GET", path, live(status));
  route("GET", "/readyz", ready(readiness, isDraining ?? (() => false)));

  app.notFound((c) => others.fetch(c.req.raw, c.env));
  others.notFound((c) => problem("notFound", `no such path: ${c.req.path}`));
  app.onError((error, c) => {
    logger.error("{method} {path} failed: {error}", {
      event: "request.failed",
      method: c.req.method,
      path: c.req.path,
      error,
    });
    return problem("failed", "the request failed with an internal error; see this replica's log");
  });
  return app;
}

function notAllowed(c: Context, allow: string): Response {
  return problem("methodNotAllowed", `${c.req.method} is not allowed for ${c.req.path}; allowed: ${allow}`, {
    allow,
  });
}
