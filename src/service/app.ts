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
  /** Reaches the leader, wherever it is; how long a request may take is the clerk's to say. */
  readonly clerk: Clerk;
  /** The state of this replica as it is now. */
  readonly status: () => ReplicaState;
  /** What is known of the soundness of this replica's data. */
  readonly soundness: () => Soundness;
  /** The clock of this replica, in ms. */
  readonly now: () => number;
  readonly info: ReplicaInfo;
  /** Reads the bodies of requests. */
  readonly bodies: Bodies;
  /** Whether this replica is about to stop; default: never. */
  readonly isDraining?: () => boolean;
  /** Learns of failures that are nobody's fault but ours. */
  readonly logger: Logger;
}

/**
 * The service in front of one replica. A request that was not done is answered with `application/problem+json`.
 * More routes may be mounted beside it, until it serves its first request. Mounted in another application it leaves what
 * it does not serve to that one.
 */
export function durioApp(options: DurioAppOptions): Hono {
  const { clerk, status, soundness, now, info, bodies, isDraining, logger } = options;
  const app = new Hono();
  const others = new Hono();
  const startedAt = now();
  const readiness = new Readiness(clerk, status);
  const waiting = new WaitingRequests(() => status().leader !== undefined);

  /** A second handler for its path would send each request through Hono's slow dispatch, so refusals stand apart. */
  const route = (method: "GET" | "POST", path: string, handler: Handler): void => {
    app.on(method, path, handler);
    const allow = method === "GET" ? ["GET", "HEAD"] : [method];
    others.all(path, (c) => (allow.includes(c.req.method) ? c.notFound() : notAllowed(c, allow.join(", "))));
  };

  route("GET", "/kvstore/is_leader", isLeader(status));
  // A pattern for the key would cost each request to any route the fast router.
  route("GET", `${getPath}*`, get({ clerk, waiting, status }));
  route("POST", "/kvstore/put", put({ clerk, waiting, bodies, status }));
  route("POST", "/kvstore/append", append({ clerk, waiting, bodies, status }));
  route("GET", "/status", (c) =>
    c.json(replicaStatus(info, status(), soundness(), { now: now(), startedAt })),
  );
  for (const path of ["/healthz", "/livez"]) route("GET", path, live(status));
  route("GET", "/readyz", ready(readiness, isDraining ?? (() => false)));

  app.notFound((c) => others.fetch(c.req.raw));
  others.notFound((c) => problem("notFound", `there is no ${c.req.path}`));
  app.onError((error, c) => {
    logger.error("{method} {path} failed: {error}", {
      event: "request.failed",
      method: c.req.method,
      path: c.req.path,
      error,
    });
    return problem("failed", "the request failed here; the log of the replica says why");
  });
  return app;
}

function notAllowed(c: Context, allow: string): Response {
  return problem("methodNotAllowed", `${c.req.method} is not for ${c.req.path}; allowed: ${allow}`, {
    allow,
  });
}
