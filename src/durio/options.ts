import * as v from "valibot";
import {
  type Address,
  addressFlag,
  idFlag,
  oneOf,
  pathFlag,
  peersFlag,
  rangeFlag,
  wholeNumber,
} from "./flags.ts";
import type { LogOptions } from "./log.ts";
import type { PersisterName, ReplicaOptions, TransportName } from "./replica.ts";

const defaultPort = 9006;

const logFlags = {
  logLevel: v.optional(oneOf("debug", "info", "warning", "error"), "info"),
  logFormat: v.optional(oneOf("text", "json"), "text"),
};

const serveFlags = v.object({
  id: v.optional(idFlag, "n1"),
  clusterId: v.optional(idFlag, "durio"),
  peers: v.optional(peersFlag),
  transport: v.optional(oneOf("http", "loopback"), "http"),
  persister: v.optional(oneOf("file", "bun-sqlite", "memory"), "file"),
  dataDir: v.optional(pathFlag),
  listen: v.optional(addressFlag),
  heartbeatMs: v.optional(wholeNumber(1, 60_000), "50"),
  electionTimeoutMs: v.optional(rangeFlag, "300-600"),
  requestTimeoutMs: v.optional(wholeNumber(1, 3_600_000), "5000"),
  compactLogMib: v.optional(wholeNumber(1, 65_536), "64"),
  exitWithParent: v.optional(v.boolean(), false),
  ...logFlags,
});

const devFlags = v.object({
  replicas: v.optional(wholeNumber(1, 9), "3"),
  port: v.optional(wholeNumber(1, 65_527), `${defaultPort}`),
  dataDir: v.optional(pathFlag, "./.durio"),
  // Three processes share no memory to loop back through.
  transport: v.optional(oneOf("http"), "http"),
  persister: v.optional(oneOf("file", "bun-sqlite", "memory"), "file"),
  ...logFlags,
});

export type ServeOptions = Omit<ReplicaOptions, "logger"> & LogOptions & { readonly exitWithParent: boolean };

export interface DevOptions extends LogOptions {
  readonly replicas: number;
  /** Of the first replica; the others have the next ones. */
  readonly port: number;
  /** Each replica has a directory of its own name in it. */
  readonly dataDir: string;
  readonly transport: TransportName;
  readonly persister: PersisterName;
}

/** A flag that can't be used as it was given. The message names it, and says what is allowed. */
export class WrongFlag extends Error {
  override readonly name = "WrongFlag";

  /** @param option its name in the program, such as `dataDir` */
  constructor(option: string, message: string) {
    super(`--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${message}`);
  }
}

/**
 * Turns the flags of `serve` into options.
 *
 * @throws WrongFlag
 */
export function serveOptions(flags: unknown): ServeOptions {
  const given = parse(serveFlags, flags);
  const { id, clusterId, transport, persister, requestTimeoutMs, heartbeatMs, electionTimeoutMs } = given;
  const { exitWithParent, logLevel, logFormat, dataDir = `./.durio/${id}` } = given;
  const { peers, listen } = network(given);
  if (transport === "loopback" && peers.size > 1) {
    throw new WrongFlag("transport", `loopback is for a cluster of one; ${peers.size} replicas want http`);
  }
  if (electionTimeoutMs.min < 2 * heartbeatMs) {
    throw new WrongFlag(
      "electionTimeoutMs",
      `MIN at least twice --heartbeat-ms (${heartbeatMs}), not ${electionTimeoutMs.min}`,
    );
  }
  return {
    ...{ id, clusterId, peers, listen, transport, persister, dataDir, requestTimeoutMs },
    compactLogBytes: given.compactLogMib * 1024 * 1024,
    tuning: {
      heartbeatMs,
      electionTimeoutMinMs: electionTimeoutMs.min,
      electionTimeoutMaxMs: electionTimeoutMs.max,
    },
    ...{ exitWithParent, logLevel, logFormat },
  };
}

/**
 * Turns the flags of `dev` into options.
 *
 * @throws WrongFlag
 */
export function devOptions(flags: unknown): DevOptions {
  return parse(devFlags, flags);
}

/** The cluster's addresses: each flag left out follows from the other, both from the default port. */
function network({
  id,
  peers: given,
  listen,
}: v.InferOutput<typeof serveFlags>): Pick<ReplicaOptions, "peers" | "listen"> {
  if (given === undefined) {
    const { hostname, port } = listen ?? { hostname: "127.0.0.1", port: defaultPort };
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return { peers: new Map([[id, `http://${host}:${port}`]]), listen: { hostname, port } };
  }
  const own = given.get(id);
  if (own === undefined) {
    throw new WrongFlag(
      "peers",
      `must name this replica, ${id} (--id), not only ${[...given.keys()].join(", ")}`,
    );
  }
  return { peers: given, listen: listen ?? addressOf(own) };
}

function addressOf(base: string): Address {
  const { protocol, hostname, port } = new URL(base);
  if (protocol === "https:") {
    throw new WrongFlag("listen", `required where the URL of this replica is of https, as ${base} is`);
  }
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
}

function parse<Schema extends v.GenericSchema>(schema: Schema, flags: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, flags, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new WrongFlag(v.getDotPath(issue) ?? "", issue.message);
}
