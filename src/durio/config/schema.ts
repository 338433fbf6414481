import * as v from "valibot";
import { isReplicaId, type ReplicaId, replicaId } from "../../raft/index.ts";
import { browserFields } from "./browsers.ts";
import type { DurioConfig } from "./durio-config.ts";
import { limitFields } from "./limits.ts";
import { natsFields, natsUrl } from "./nats.ts";
import type { DevConfig, Range, ReplicaConfig } from "./replica-config.ts";
import {
  about,
  address,
  DEFAULT_PORT,
  matching,
  oneOf,
  path,
  whole,
  withScheme,
  wrong,
} from "./schema-parts.ts";
import { securityFields } from "./security.ts";

/** The type of each setting. Messages say what is allowed and what the value was. */

const id = v.pipe(
  matching('1 to 32 characters of a-z, 0-9 and "-"', /^[a-z0-9-]{1,32}$/),
  v.transform(replicaId),
);
const range = v.pipe(
  matching('MIN-MAX with MIN below MAX, such as "300-600"', /^[0-9]{1,9}-[0-9]{1,9}$/),
  v.transform((text): Range => {
    const [min = 0, max = 0] = text.split("-").map(Number);
    return { min, max };
  }),
  v.check(
    ({ min, max }) => min < max,
    ({ input: { min, max } }) => `MIN-MAX with MIN below MAX, not "${min}-${max}"`,
  ),
);

const peersAllowed = wrong(
  'ID=URL once for each of 1 to 9 replicas, such as "n1=http://10.0.0.1:9006,n2=http://10.0.0.2:9006"',
);
/** The base URL of each replica by its id. No URL occurs twice. */
const peers = v.pipe(
  v.record(
    v.string(peersAllowed),
    v.pipe(
      v.string(peersAllowed),
      v.transform((url) => withScheme(url, "http")),
    ),
    peersAllowed,
  ),
  v.check((urls) => {
    const bases = Object.entries(urls);
    const isRight = bases.every(([id, url]) => isReplicaId(id) && isBaseUrl(url));
    return isRight && bases.length > 0 && bases.length <= 9 && distinct(Object.values(urls)) === bases.length;
  }, peersAllowed),
  v.transform(
    (urls): ReadonlyMap<ReplicaId, string> =>
      new Map(Object.entries(urls).map(([id, url]) => [replicaId(id), new URL(url).origin])),
  ),
);

const logging = {
  logLevel: about(
    "least severe level that is logged",
    v.optional(oneOf("debug", "info", "warning", "error"), "info"),
  ),
  logFormat: about(
    "format of the log: text, or json with one object a line",
    v.optional(oneOf("text", "json"), "text"),
  ),
} as const;

/** The config of a replica, as a file or a program gives it. */
export const replicaSchema: v.GenericSchema<DurioConfig, ReplicaConfig> = v.strictObject({
  id: about("name of this replica", v.optional(id, "n1")),
  clusterId: about("name of the cluster; messages of other clusters are refused", v.optional(id, "durio")),
  peers: about("base URL of every replica, including this one (default: this one alone)", v.optional(peers)),
  transport: about(
    "transport between replicas: http, nats, or loopback for a cluster of one",
    v.optional(oneOf("http", "nats", "loopback"), "http"),
  ),
  ...natsFields,
  persister: about(
    "storage: file, bun-sqlite, or memory (for trials: lost when the process ends)",
    v.optional(oneOf("file", "bun-sqlite", "memory"), "file"),
  ),
  dataDir: about("data directory (default: ./.durio/ID)", v.optional(path)),
  listen: about("address to bind (default: this replica's address in peers)", v.optional(address)),
  ...securityFields,
  ...browserFields,
  requestTimeoutMs: about(
    "timeout of a request in ms, after which it gets 503",
    v.optional(whole(1, 3_600_000), 5000),
  ),
  heartbeatMs: about("interval of a leader's heartbeats in ms", v.optional(whole(1, 60_000), 50)),
  electionTimeoutMs: about("range of the election timeout in ms", v.optional(range, "300-600")),
  ...limitFields,
  ...logging,
  record: about(
    "file in which all inputs of this replica are recorded, with all keys and values, to replay its run",
    v.optional(path),
  ),
});

/** The config of a trial cluster. */
export const devSchema: v.GenericSchema<unknown, DevConfig> = v.strictObject({
  replicas: about("number of replicas, 1 to 9", v.optional(whole(1, 9), 3)),
  port: about(
    "port of the first replica; the others use the next ports",
    v.optional(whole(1, 65_527), DEFAULT_PORT),
  ),
  dataDir: about("directory that holds the replicas' data directories", v.optional(path, "./.durio")),
  // Without loopback, because three processes share no memory.
  transport: about("transport between replicas: http or nats", v.optional(oneOf("http", "nats"), "http")),
  natsUrl,
  persister: about(
    "storage: file, bun-sqlite, or memory",
    v.optional(oneOf("file", "bun-sqlite", "memory"), "file"),
  ),
  ...logging,
});

function isBaseUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}

function distinct(urls: readonly string[]): number {
  return new Set(urls.map((url) => new URL(url).origin)).size;
}
