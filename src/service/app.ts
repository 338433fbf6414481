import { type Handler, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Clerk } from "../kvraft/index.ts";
import type { Logger } from "../ports/index.ts";
import type { RaftView } from "../raft/index.ts";
import { append, get, getPath, isLeader, put } from "./kvstore.ts";
import { limits } from "./limits.ts";
import { problem } from "./problems.ts";
import { Readiness } from "./readiness.ts";
import { type ReplicaInfo, replicaStatus } from "./status.ts";

export interface DurioAppOptions {
  /** Reaches the leader, wherever it is; how long a request may take is the clerk's to say. */
  readonly clerk: Clerk;
  /** The state of this replica as it is now. */
  readonly status: () => RaftView;
  /** The clock of this replica, in ms. */
  readonly now: () => number;
  readonly info: ReplicaInfo;
  /** Learns of failures that are nobody's fault but ours. */
  readonly logger: Logger;
}

/**
 * The service in front of one replica. A request that was not done is answered with `application/problem+json`.
 * More routes may be mounted beside it, until it serves its first request.
 */
export function durioApp({ clerk, status, now, info, logger }: DurioAppOptions): Hono {
  const app = new Hono();
  const startedAt = now();
  const readiness = new Readiness(clerk, status);
  const limitBody = bodyLimit({
    maxSize: limits.bodyBytes,
    onError: () => problem("tooLarge", `body: at most ${limits.bodyBytes} bytes`),
  });

  route(app, "GET", "/kvstore/is_leader", isLeader(status));
  // A pattern for the key would cost each request to any route the fast router.
  route(app, "GET", `${getPath}*`, get(clerk));
  route(app, "POST", "/kvstore/put", limitBody, put(clerk));
  route(app, "POST", "/kvstore/append", limitBody, append(clerk));
  route(app, "GET", "/status", (c) => c.json(replicaStatus(info, status(), { now: now(), startedAt })));
  route(app, "GET", "/healthz", (c) => c.text("OK"));
  route(app, "GET", "/readyz", (c) => {
    const obstacle = readiness.obstacle();
    return obstacle === undefined ? c.text("OK") : problem("notReady", obstacle);
  });

  app.notFound((c) => problem("notFound", `there is no ${c.req.path}`));
  app.onError((error, c) => {
    logger.error("{method} {path} failed: {error}", { method: c.req.method, path: c.req.path, error });
    return problem("failed", "the request failed here; the log of the replica says why");
  });
  return app;
}

function route(app: Hono, method: "GET" | "POST", path: string, ...handlers: [Handler, ...Handler[]]): void {
  app.on(method, path, ...handlers);
  const allow = method === "GET" ? "GET, HEAD" : method;
  app.all(path, (c) =>
    problem("methodNotAllowed", `${c.req.method} is not for ${c.req.path}; allowed: ${allow}`, { allow }),
  );
}
