import process from "node:process";
import type { RaftTuning } from "../raft/index.ts";
import {
  type Address,
  DEFAULT_PORT,
  type DevSettings,
  type DurioConfig,
  describe,
  devSchema,
  environmentLayer,
  fileLayer,
  flagsLayer,
  LOOPBACK,
  type ReplicaSettings,
  type Resolved,
  replicaSchema,
  resolve,
  WrongSettings,
  withoutSecrets,
} from "./config/index.ts";
import type { LogOptions } from "./log.ts";
import type { ReplicaOptions } from "./replica-options.ts";

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

export type ServeOptions = Omit<ReplicaOptions, "logger"> & LogOptions;

/**
 * The settings of a replica: flags over the environment over a config file over what is usual.
 *
 * @param config the path of the file; `false` for none, undefined for the one that is there
 * @throws WrongSettings
 */
export async function replicaSettings(
  flags: Readonly<Record<string, unknown>>,
  config: string | false | undefined,
): Promise<Resolved<ReplicaSettings>> {
  const { DURIO_CONFIG: named, ...environment } = process.env;
  const none = { file: undefined, warnings: [] };
  const { file, warnings } = config === false ? none : await fileLayer(config ?? named);
  const layers = [flagsLayer(flags), environmentLayer(environment), ...(file ? [file] : [])];
  const resolved = resolve(replicaSchema, layers);
  return { ...resolved, warnings: [...warnings, ...resolved.warnings] };
}

/**
 * The settings that a program passes.
 *
 * @throws WrongSettings
 */
export function programSettings(config: DurioConfig): Resolved<ReplicaSettings> {
  return resolve(replicaSchema, [{ nameOf: (setting) => setting, values: { ...config } }]);
}

/** @throws WrongSettings */
export function devSettings(flags: Readonly<Record<string, unknown>>): DevSettings {
  return resolve(devSchema, [flagsLayer(flags)]).settings;
}

/**
 * What settings mean together.
 *
 * @throws WrongSettings if they don't go together
 */
export function serveOptions({ settings, nameOf }: Resolved<ReplicaSettings>): ServeOptions {
  const { id, transport, heartbeatMs, electionTimeoutMs, dataDir = `./.durio/${id}`, ...rest } = settings;
  const problems: string[] = [];
  const wrong = (setting: string, message: string) => problems.push(`${nameOf(setting)}: ${message}`);
  const { peers, listen } = network(settings, wrong);
  if (transport === "loopback" && peers.size > 1) {
    wrong("transport", `loopback is for a cluster of one; ${peers.size} replicas want http or nats`);
  }
  if ((settings.natsTlsCertFile === undefined) !== (settings.natsTlsKeyFile === undefined)) {
    const given = settings.natsTlsCertFile === undefined ? "natsTlsKeyFile" : "natsTlsCertFile";
    wrong(given, "a certificate and its key are given both, or neither");
  }
  if (electionTimeoutMs.min < 2 * heartbeatMs) {
    const least = `MIN at least twice ${nameOf("heartbeatMs")} (${heartbeatMs})`;
    wrong("electionTimeoutMs", `${least}, not ${electionTimeoutMs.min}`);
  }
  if (problems.length > 0) throw new WrongSettings(problems);
  return {
    ...{ ...rest, id, transport, dataDir, peers, listen },
    compactLogBytes: settings.compactLogMib * mebibyte,
    segmentBytes: settings.segmentMib * mebibyte,
    tuning: tuningOf(settings),
  };
}

/** The part of a request's time that its commit may take: what is left is for retries. */
const COMMIT_SHARE = 0.4;

function tuningOf({ heartbeatMs, electionTimeoutMs, ...limits }: ReplicaSettings): Partial<RaftTuning> {
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

/** The settings as a config file would give them, those that follow from others too; but for what is secret. */
export function effectiveConfig(resolved: Resolved<ReplicaSettings>): Record<string, unknown> {
  const { peers, listen, dataDir } = serveOptions(resolved);
  const follows: Record<string, unknown> = {
    dataDir,
    peers: Object.fromEntries(peers),
    listen: `${bracketed(listen.hostname)}:${listen.port}`,
  };
  const { properties } = describe(replicaSchema);
  const effective = Object.entries(properties).map(([setting, described]) => {
    return [setting, follows[setting] ?? resolved.given[setting]?.value ?? described.default] as const;
  });
  return Object.fromEntries(
    effective
      .filter(([setting, value]) => value !== undefined && applies(setting, resolved))
      .map(([setting, value]) => [setting, setting === "natsUrl" ? withoutSecrets(`${value}`) : value]),
  );
}

/** Settings of NATS matter only if it carries the messages, or if someone set them. */
function applies(setting: string, { settings, given }: Resolved<ReplicaSettings>): boolean {
  return !setting.startsWith("nats") || settings.transport === "nats" || given[setting] !== undefined;
}

/** The cluster's addresses: each left out follows from the other, both from the default port. */
function network(
  { id, peers: given, listen }: ReplicaSettings,
  wrong: (setting: string, message: string) => void,
): Pick<ReplicaOptions, "peers" | "listen"> {
  const usual = { hostname: LOOPBACK, port: DEFAULT_PORT };
  if (given === undefined) {
    const { hostname, port } = listen ?? usual;
    return { peers: new Map([[id, `http://${bracketed(hostname)}:${port}`]]), listen: { hostname, port } };
  }
  const own = given.get(id);
  if (own === undefined) {
    wrong("peers", `must name this replica, ${id} (--id), not only ${[...given.keys()].join(", ")}`);
  } else if (listen === undefined && own.startsWith("https:")) {
    wrong("listen", `required where the URL of this replica is of https, as ${own} is`);
  }
  return { peers: given, listen: listen ?? (own === undefined ? usual : addressOf(own)) };
}

function addressOf(base: string): Address {
  const { hostname, port } = new URL(base);
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
