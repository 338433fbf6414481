import { type Context, Hono } from "hono";
import type { Clerk, Soundness } from "../kvraft/index.ts";
import type { Logger, ReplicaState } from "../ports/index.ts";
import { type Access, accessRoutes } from "./access-routes.ts";
import { type GuardedHandler, guarded } from "./auth/index.ts";
import type { Bodies } from "./bodies/index.ts";
import { append, get, getPath, isLeader, put, type StoreRouteOptions } from "./kvstore.ts";
import { live, ready } from "./probes.ts";
import { problem } from "./problems.ts";
import { Readiness } from "./readiness.ts";
import type { ServiceRoute } from "./service-route.ts";
import { ShortWay } from "./short-way.ts";
import { type ReplicaInfo, replicaStatus, type TlsStatus } from "./status.ts";
import { StoreAnswers } from "./store-answers.ts";
import { WaitingRequests } from "./waiting-requests.ts";

export interface DurioAppOptions {
  /** Reaches the leader. Its timeout bounds the time of a request. */
  readonly clerk: Clerk;
  /** Returns the current state of this replica. */
  readonly status: () => ReplicaState;
  /** Returns what is known of the integrity of this replica's data. */
  readonly soundness: () => Soundness;
  /** Returns what is known of the certificate in use. Default: there is none. */
  readonly tls?: (() => TlsStatus | undefined) | undefined;
  /** The clock of this replica, in ms. */
  readonly now: () => number;
  readonly info: ReplicaInfo;
  /** Reads the bodies of requests. */
  readonly bodies: Bodies;
  /** Whether this replica is about to stop. Default: never. */
  readonly isDraining?: () => boolean;
  /** Which clients may send requests. Default: all, and the service has no routes for tokens and events. */
  readonly access?: Access;
  /** Logs unexpected failures. */
  readonly logger: Logger;
}

/**
 * Creates the HTTP service of one replica. Its `fetch` serves most requests of the leader's clients by the {@link ShortWay}.
 * A request that was not carried out gets `application/problem+json`. More
 * routes may be added until it serves its first request. If mounted in another application, it leaves unknown routes to
 * that one.
 */
export function durioApp(options: DurioAppOptions): Hono {
  const { access, clerk, bodies, status, logger } = options;
  const app = new Hono();
  const others = new Hono();
  const waiting = new WaitingRequests(() => clerk.leader !== undefined);
  const answers = new StoreAnswers(status);
  const routes = routesOf(options, { waiting, answers });
  for (const route of routes) app.on(route.method, route.path, guarded(access?.guard, route));
  // Refusals are separate routes, because a second handler for a path would put every request on Hono's slow dispatch.
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    const allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    others.all(path, (c) => (allow.includes(c.req.method) ? c.notFound() : notAllowed(c, allow.join(", "))));
  }
  app.notFound((c) => others.fetch(c.req.raw, c.env));
  others.notFound((c) => problem("notFound", `no such path: ${c.req.path}`));
  const failed = ({ method, url }: Request, error: unknown) => {
    const { pathname: path } = new URL(url);
    logger.error("{method} {path} failed: {error}", { event: "request.failed", method, path, error });
    return problem("failed", "the request failed with an internal error; see this replica's log");
  };
  app.onError((error, c) => failed(c.req.raw, error));
  const short = new ShortWay({ clerk, waiting, answers, bodies, guard: access?.guard, failed });
  const ordinary = app.fetch;
  app.fetch = (request, client, ...rest) =>
    short.answer(request, client) ?? ordinary(request, client, ...rest);
  return app;
}

/** Every route of the service. Each says what its clients need. */
function routesOf(
  options: DurioAppOptions,
  store: Pick<StoreRouteOptions, "waiting" | "answers">,
): ServiceRoute[] {
  const { clerk, status, soundness, now, info, bodies, access } = options;
  const { isDraining = () => false, tls } = options;
  const startedAt = now();
  const probe = live(status);
  const reads = { clerk, ...store };
  const writes = { ...reads, bodies };
  const report: GuardedHandler = (c) =>
    c.json(replicaStatus(info, status(), soundness(), { now: now(), startedAt, tls: tls?.() }));
  return [
    { method: "GET", path: "/kvstore/is_leader", need: "token", handle: isLeader(status) },
    // A pattern for the key would make every route leave Hono's fast router.
    { method: "GET", path: `${getPath}*`, need: "read", handle: get(reads) },
    { method: "POST", path: "/kvstore/put", need: "write", handle: put(writes) },
    { method: "POST", path: "/kvstore/append", need: "write", handle: append(writes) },
    { method: "GET", path: "/status", need: "token", handle: report },
    { method: "GET", path: "/healthz", need: "none", handle: probe },
    { method: "GET", path: "/livez", need: "none", handle: probe },
    {
      method: "GET",
      path: "/readyz",
      need: "none",
      handle: ready(new Readiness(clerk, status), isDraining),
    },
    ...(access === undefined ? [] : accessRoutes({ access, bodies, status })),
  ];
}

function notAllowed(c: Context, allow: string): Response {
  return problem("methodNotAllowed", `${c.req.method} is not allowed for ${c.req.path}; allowed: ${allow}`, {
    allow,
  });
}
