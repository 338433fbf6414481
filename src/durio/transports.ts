import type { Hono } from "hono";
import { fetchRequester, HttpTransport, nodeRequester } from "../../transports/http/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { silentLogger, type Transport } from "../ports/index.ts";
import type { ReadBody, SealOptions, SealRefusal } from "../rpc/index.ts";
import { runtimeName } from "../runtime/index.ts";
import type { AuditLog } from "./audit-log.ts";
import { InvalidConfig, type TransportName } from "./config/index.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import { natsAccess } from "./nats-access.ts";
import type { Reloads } from "./reload.ts";
import { readAuthorities } from "./tls/files.ts";

interface Connection {
  readonly transport: Transport;
  /** Routes for the peers' calls, if they come by HTTP. */
  readonly routes?: Hono;
}

/** What a transport is given besides the config. */
export interface Around {
  /** Reads the bodies of peers' calls, if they come by HTTP. */
  readonly readBody: ReadBody;
  /** Logs the messages that are refused. */
  readonly audit: AuditLog;
  /** Has the files of the transport read again when they are replaced. */
  readonly reloads: Reloads;
}

type Connect = (config: EffectiveConfig, around: Around) => Promise<Connection>;

/** Creates the transport for each value of the setting. */
export const transports: Readonly<Record<TransportName, Connect>> = {
  async http(config, { readBody, audit, reloads }) {
    const { clusterId, id, peers, tlsCaFile } = config;
    const requester = runtimeName === "bun" ? fetchRequester() : await nodeRequester();
    if (tlsCaFile !== undefined) {
      const trust = () => requester.trust?.(readAuthorities(tlsCaFile));
      reloads.onReload("the CA of the replicas", [tlsCaFile], trust);
      trust();
    }
    const transport = new HttpTransport({
      clusterId,
      self: id,
      peers,
      requester,
      readBody,
      ...sealOf(config, audit),
    });
    return { transport, routes: transport.routes };
  },
  async nats(config, { audit }) {
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
    const own = { clusterId, self, prefix, pingIntervalMs, logger };
    return { transport: new NatsTransport({ ...own, ...access, ...sealOf(config, audit) }) };
  },
  async loopback({ clusterId, id }) {
    return { transport: new LoopbackNetwork({ clusterId }).transport(id) };
  },
};

/** How messages between replicas are sealed, if there is a secret. */
function sealOf({ secret, peerAuth }: EffectiveConfig, audit: AuditLog): SealOptions {
  if (secret === undefined) return {};
  return {
    seal: secret.seal,
    peerAuth,
    refused({ reason, address }) {
      // Peers send such messages whenever this replica was restarted.
      if (reason === "otherProcess") return;
      audit.refused({ what: "messages between replicas", reason: reasons[reason], address });
    },
  };
}

/** The reasons for refusals as sentences. */
const reasons: Readonly<Record<Exclude<SealRefusal, "otherProcess">, string>> = {
  unsealed: "they have no seal, so the sender has no secret",
  malformed: "they do not have the form of sealed messages",
  forged: "none of this replica's secrets sealed them",
  replayed: "they came before",
};

function withoutNats(error: unknown): never {
  const isMissing =
    error instanceof Error && /(?:cannot|could not) find (?:package|module)/i.test(error.message);
  throw isMissing ? new InvalidConfig(["transport: nats needs the package nats: npm install nats"]) : error;
}
