import type { Hono } from "hono";
import { fetchRequester, HttpTransport, nodeRequester } from "../../transports/http/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { silentLogger, type Transport } from "../ports/index.ts";
import type { ReadBody } from "../rpc/index.ts";
import { runtimeName } from "../runtime/index.ts";
import { InvalidConfig, type TransportName } from "./config/index.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import { natsAccess } from "./nats-access.ts";

interface Connection {
  readonly transport: Transport;
  /** Routes for the peers' calls, if they come by HTTP. */
  readonly routes?: Hono;
}

/** @param readBody reads the bodies of peers' calls, if they come by HTTP */
type Connect = (config: EffectiveConfig, readBody: ReadBody) => Promise<Connection>;

/** Creates the transport for each value of the setting. */
export const transports: Readonly<Record<TransportName, Connect>> = {
  async http({ clusterId, id, peers }, readBody) {
    const requester = runtimeName === "bun" ? fetchRequester() : await nodeRequester();
    const transport = new HttpTransport({ clusterId, self: id, peers, requester, readBody });
    return { transport, routes: transport.routes };
  },
  async nats(config) {
    const {
      clusterId,
      id: self,
      natsPrefix: prefix,
      natsPingIntervalMs: pingIntervalMs,
      logger = silentLogger,
    } = config;
    // Loaded on demand, so that its library is only needed for NATS.
    const { NatsTransport } = await import("../../transports/nats/index.ts").catch(withoutNats);
    const access = await natsAccess(config);
    return { transport: new NatsTransport({ clusterId, self, prefix, pingIntervalMs, logger, ...access }) };
  },
  async loopback({ clusterId, id }) {
    return { transport: new LoopbackNetwork({ clusterId }).transport(id) };
  },
};

function withoutNats(error: unknown): never {
  const isMissing =
    error instanceof Error && /(?:cannot|could not) find (?:package|module)/i.test(error.message);
  throw isMissing ? new InvalidConfig(["transport: nats needs the package nats: npm install nats"]) : error;
}
