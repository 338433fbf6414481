import type { Hono } from "hono";
import { fetchRequester, HttpTransport, nodeRequester } from "../../transports/http/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { silentLogger, type Transport } from "../ports/index.ts";
import { runtimeName } from "../runtime/index.ts";
import { type TransportName, WrongSettings } from "./config/index.ts";
import { natsAccess } from "./nats-access.ts";
import type { ReplicaOptions } from "./replica-options.ts";

interface Connection {
  readonly transport: Transport;
  /** Serves the peers, where that is by HTTP. */
  readonly routes?: Hono;
}

/** How a replica reaches its peers, by the name of the setting. */
export const transports: Readonly<Record<TransportName, (options: ReplicaOptions) => Promise<Connection>>> = {
  async http({ clusterId, id, peers }) {
    const requester = runtimeName === "node" ? await nodeRequester() : fetchRequester();
    const transport = new HttpTransport({ clusterId, self: id, peers, requester });
    return { transport, routes: transport.routes };
  },
  async nats(options) {
    const {
      clusterId,
      id: self,
      natsPrefix: prefix,
      natsPingIntervalMs: pingIntervalMs,
      logger = silentLogger,
    } = options;
    // Loaded only now: those who don't use NATS need not install its library.
    const { NatsTransport } = await import("../../transports/nats/index.ts").catch(withoutNats);
    const access = await natsAccess(options);
    return { transport: new NatsTransport({ clusterId, self, prefix, pingIntervalMs, logger, ...access }) };
  },
  async loopback({ clusterId, id }) {
    return { transport: new LoopbackNetwork({ clusterId }).transport(id) };
  },
};

function withoutNats(error: unknown): never {
  const isMissing =
    error instanceof Error && /(?:cannot|could not) find (?:package|module)/i.test(error.message);
  throw isMissing ? new WrongSettings(["transport: nats needs the package nats: npm install nats"]) : error;
}
