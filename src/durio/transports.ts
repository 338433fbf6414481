import type { Hono } from "hono";
import { fetchRequester, HttpTransport, nodeRequester } from "../../transports/http/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { silentLogger, type Transport } from "../ports/index.ts";
import type { ReadBody } from "../rpc/index.ts";
import { runtimeName } from "../runtime/index.ts";
import { type TransportName, WrongSettings } from "./config/index.ts";
import { natsAccess } from "./nats-access.ts";
import type { ReplicaOptions } from "./replica-options.ts";

interface Connection {
  readonly transport: Transport;
  /** Serves the peers, where that is by HTTP. */
  readonly routes?: Hono;
}

/** @param readBody reads the bodies of peers' calls, where they come by HTTP */
type Connect = (options: ReplicaOptions, readBody: ReadBody) => Promise<Connection>;

/** How a replica reaches its peers, by the name of the setting. */
export const transports: Readonly<Record<TransportName, Connect>> = {
  async http({ clusterId, id, peers }, readBody) {
    const requester = runtimeName === "bun" ? fetchRequester() : await nodeRequester();
    const transport = new HttpTransport({ clusterId, self: id, peers, requester, readBody });
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
