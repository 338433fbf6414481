import process from "node:process";
import type { RaftTuning } from "../raft/index.ts";
import {
  type Address,
  DEFAULT_PORT,
  type DevConfig,
  type DurioConfig,
  devSchema,
  environmentLayer,
  fileLayer,
  flagsLayer,
  InvalidConfig,
  jsonSchemaOf,
  LOOPBACK,
  type ReplicaConfig,
  type Resolved,
  replicaSchema,
  resolve,
  withoutSecrets,
} from "./config/index.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import type { LogConfig } from "./logging.ts";
import { natsAddresses, type ReachedBy } from "./secret/index.ts";

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

export type ServeConfig = Omit<EffectiveConfig, "logger" | "audit"> & LogConfig;

/**
 * Reads the config of a replica. Flags override the environment, which overrides the config file.
 *
 * @param config the path of the file, `false` for none. Default: `durio.json` if it exists
 * @throws InvalidConfig
 */
export async function readConfig(
  flags: Readonly<Record<string, unknown>>,
  config: string | false | undefined,
): Promise<Resolved<ReplicaConfig>> {
  const { DURIO_CONFIG: named } = process.env;
  const none = { file: undefined, warnings: [] };
  const { file, warnings } = config === false ? none : await fileLayer(config ?? named);
  const layers = [flagsLayer(flags), environmentLayer(process.env), ...(file ? [file] : [])];
  const resolved = resolve(replicaSchema, layers);
  return { ...resolved, warnings: [...warnings, ...resolved.warnings] };
}

/**
 * Validates a config that a program passes.
 *
 * @throws InvalidConfig
 */
export function programConfig(config: DurioConfig): Resolved<ReplicaConfig> {
  return resolve(replicaSchema, [{ nameOf: (setting) => setting, values: { ...config } }]);
}

/** @throws InvalidConfig */
export function devConfig(flags: Readonly<Record<string, unknown>>): DevConfig {
  return resolve(devSchema, [flagsLayer(flags)]).config;
}

/**
 * Fills in the settings that depend on others.
 *
 * @throws InvalidConfig if settings contradict each other
 */
export function effectiveConfig({ config, nameOf }: Resolved<ReplicaConfig>): ServeConfig {
  const { id, transport, heartbeatMs, electionTimeoutMs, dataDir = `./.durio/${id}`, ...rest } = config;
  const problems: string[] = [];
  const wrong = (setting: string, message: string) => problems.push(`${nameOf(setting)}: ${message}`);
  const { peers, listen } = network(config, wrong);
  if (transport === "loopback" && peers.size > 1) {
    wrong("transport", `loopback is for a cluster of one; use http or nats for ${peers.size} replicas`);
  }
  if ((config.natsTlsCertFile === undefined) !== (config.natsTlsKeyFile === undefined)) {
    const given = config.natsTlsCertFile === undefined ? "natsTlsKeyFile" : "natsTlsCertFile";
    wrong(given, "set both a certificate and its key, or neither");
  }
  checkSecurity(config, wrong);
  if (electionTimeoutMs.min < 2 * heartbeatMs) {
    const least = `MIN at least twice ${nameOf("heartbeatMs")} (${heartbeatMs})`;
    wrong("electionTimeoutMs", `${least}, not ${electionTimeoutMs.min}`);
  }
  if (problems.length > 0) throw new InvalidConfig(problems);
  return {
    ...{ ...rest, id, transport, dataDir, peers, listen, nameOf },
    reachedBy: reachedBy(config, listen, nameOf),
    compactLogBytes: config.compactLogMib * mebibyte,
    segmentBytes: config.segmentMib * mebibyte,
    tuning: tuningOf(config),
  };
}

type Wrong = (setting: string, message: string) => void;

function checkSecurity(config: ReplicaConfig, wrong: Wrong): void {
  const { tlsCertFile, tlsKeyFile, peerListen, transport } = config;
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    const given = tlsCertFile === undefined ? "tlsKeyFile" : "tlsCertFile";
    wrong(given, "set both a certificate and its key, or neither");
  }
  if (peerListen !== undefined && transport !== "http") {
    wrong(
      "peerListen",
      `only for the transport http, because replicas do not call each other over ${transport}`,
    );
  }
}

/** The share of a request's timeout that a commit may take. The rest is left for retries. */
const COMMIT_SHARE = 0.4;

function tuningOf({ heartbeatMs, electionTimeoutMs, ...limits }: ReplicaConfig): Partial<RaftTuning> {
  return {
    heartbeatMs,
    electionTimeoutMinMs: electionTimeoutMs.min,
    electionTimeoutMaxMs: electionTimeoutMs.max,
    retainedLogBytes: limits.retainedLogMib * mebibyte,
    maxUncommittedBytes: limits.maxUncommittedMib * mebibyte,
    commitTargetMs: Math.max(1, Math.round(COMMIT_SHARE * limits.requestTimeoutMs)),
    maxAppendBytes: limits.maxAppendKib * kibibyte,
    maxInflightAppends: limits.maxInflightAppends,
    snapshotChunkBytes: limits.snapshotChunkKib * kibibyte,
  };
}

/** Returns the effective settings in the form of a config file, without secrets. */
export function printableConfig(resolved: Resolved<ReplicaConfig>): Record<string, unknown> {
  const { peers, listen, dataDir } = effectiveConfig(resolved);
  const follows: Record<string, unknown> = {
    dataDir,
    peers: Object.fromEntries(peers),
    listen: nameOfAddress(listen),
  };
  const { properties } = jsonSchemaOf(replicaSchema);
  const effective = Object.entries(properties).map(([setting, described]) => {
    return [setting, follows[setting] ?? resolved.given[setting]?.value ?? described.default] as const;
  });
  return Object.fromEntries(
    effective
      .filter(([setting, value]) => value !== undefined && applies(setting, resolved))
      .map(([setting, value]) => [setting, setting === "natsUrl" ? withoutSecrets(`${value}`) : value]),
  );
}

/** NATS settings apply only if the transport is NATS or they are set explicitly. */
function applies(setting: string, { config, given }: Resolved<ReplicaConfig>): boolean {
  return !setting.startsWith("nats") || config.transport === "nats" || given[setting] !== undefined;
}

/**
 * Derives the peers' addresses and the address to bind. Each follows from the other if absent, and both from the
 * default port. With `peerListen`, the peers' URLs lead to that address instead of `listen`.
 */
function network(config: ReplicaConfig, wrong: Wrong): Pick<EffectiveConfig, "peers" | "listen"> {
  const { id, peers: given, listen = usual, peerListen } = config;
  const isSecure = config.tlsCertFile !== undefined;
  if (peerListen !== undefined && peerListen.port !== 0 && sameAddress(peerListen, listen)) {
    wrong("peerListen", `must be another address than ${nameOfAddress(listen)}, where clients connect`);
  }
  if (given === undefined) {
    const own = `${isSecure ? "https" : "http"}://${nameOfAddress(peerListen ?? listen)}`;
    return { peers: new Map([[id, own]]), listen: { ...listen } };
  }
  const own = given.get(id);
  if (own === undefined) {
    wrong("peers", `must name this replica, ${id} (--id), not only ${[...given.keys()].join(", ")}`);
  } else if (isSecure && own.startsWith("http:")) {
    wrong("peers", `the URL of ${id} must begin with https:// because it has a certificate, not ${own}`);
  } else if (!isSecure && own.startsWith("https:") && (peerListen ?? config.listen) === undefined) {
    const why = `the URL of this replica uses https: ${own}`;
    wrong("listen", `required because ${why}; or set tlsCertFile and tlsKeyFile`);
  }
  const follows = own === undefined || peerListen !== undefined ? usual : addressOf(own);
  return { peers: given, listen: config.listen ?? follows };
}

/** The addresses that a replica binds, and those of the NATS servers that its messages pass. */
function reachedBy(
  { listen: given, peers, peerListen, transport, natsUrl }: ReplicaConfig,
  listen: Address,
  nameOf: (setting: string) => string,
): ReachedBy[] {
  const isOfPeers = given === undefined && peers !== undefined;
  return [
    { name: nameOf(isOfPeers ? "peers" : "listen"), ...listen },
    ...(peerListen === undefined ? [] : [{ name: nameOf("peerListen"), ...peerListen }]),
    ...natsAddresses(transport === "nats" ? natsUrl : [], nameOf("natsUrl")),
  ];
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

const usual: Address = { hostname: LOOPBACK, port: DEFAULT_PORT };
const portOf: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

function addressOf(base: string): Address {
  const { protocol, hostname, port } = new URL(base);
  return { hostname: unbracketed(hostname), port: Number(port || portOf[protocol]) };
}

function sameAddress(one: Address, other: Address): boolean {
  return one.hostname === other.hostname && one.port === other.port;
}

function nameOfAddress({ hostname, port }: Address): string {
  return `${bracketed(hostname)}:${port}`;
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
