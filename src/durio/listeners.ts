import { Hono } from "hono";
import { rpcPath } from "../../transports/http/index.ts";
import { type Server, serve } from "../runtime/index.ts";
import { BrowserRules, problem } from "../service/index.ts";
import { CannotListen } from "./cannot-listen.ts";
import type { Address } from "./config/index.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import { browserRulesOf } from "./own-hosts.ts";
import type { ReplicaCertificate } from "./tls/certificate.ts";

export interface ListenersOptions {
  /** The service for clients. */
  readonly app: Hono;
  /** The routes for the peers' calls, if they come by HTTP. */
  readonly routes: Hono | undefined;
  /** Default: plain HTTP. */
  readonly certificate: ReplicaCertificate | undefined;
}

/** What a replica listens with: one server, or a second one for the peers alone. */
export interface Listeners extends Pick<Server, "url" | "closeIdle" | "stop"> {}

/**
 * Listens for clients and peers: on one address, or on two if the config has `peerListen`.
 *
 * @throws CannotListen
 */
export async function openListeners(config: EffectiveConfig, options: ListenersOptions): Promise<Listeners> {
  const { app, routes, certificate } = options;
  const { listen, peerListen } = config;
  const rules = new BrowserRules(browserRulesOf(config));
  const open = async (address: Address, served: Hono): Promise<Server> => {
    const fetch: Parameters<typeof serve>[0]["fetch"] = (request, client) =>
      rules.answer(request, served.fetch, client);
    const server = await serve({ fetch, ...address, tls: certificate?.pair }).catch((cause) => {
      throw new CannotListen(address, cause);
    });
    certificate?.usedBy(server);
    return server;
  };
  if (peerListen === undefined) {
    if (routes !== undefined) app.route(rpcPath, routes);
    return open(listen, app);
  }
  const server = await open(listen, app);
  const peerServer = await open(peerListen, peerApp(app, routes)).catch(async (error) => {
    await server.stop();
    throw error;
  });
  const both = [server, peerServer];
  return {
    url: server.url,
    closeIdle: () => {
      for (const each of both) each.closeIdle();
    },
    stop: async () => {
      await Promise.all(both.map((each) => each.stop()));
    },
  };
}

/** What the peers reach, and `/status` of the app: it tells a replica that another process runs under its name. */
function peerApp(app: Hono, routes: Hono | undefined): Hono {
  const peers = new Hono();
  if (routes !== undefined) peers.route(rpcPath, routes);
  peers.get("/status", (c) => app.fetch(c.req.raw, c.env));
  peers.notFound((c) => problem("notFound", `no such path here, where only replicas call: ${c.req.path}`));
  return peers;
}
