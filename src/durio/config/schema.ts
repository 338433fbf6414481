import * as v from "valibot";
import { isReplicaId, type ReplicaId, replicaId } from "../../raft/index.ts";
import { browserFields } from "./browsers.ts";
import { limitFields } from "./limits.ts";
import { natsFields, natsUrl } from "./nats.ts";
import type { Address, DevSettings, DurioConfig, Range, ReplicaSettings } from "./settings.ts";
import { about, matching, oneOf, path, whole, withScheme, wrong } from "./values.ts";

export const DEFAULT_PORT = 9006;
export const LOOPBACK = "127.0.0.1";

/* What each setting may be. The messages say what is allowed, and what came instead. */

const id = v.pipe(
  matching('1 to 32 characters of a-z, 0-9 and "-"', /^[a-z0-9-]{1,32}$/),
  v.transform(replicaId),
);
const addressAllowed = wrong(
  'HOST:PORT, HOST, :PORT for every address of this machine, or PORT, such as "127.0.0.1:9006" or "[::1]:9006"',
);
/** Port 0 takes any that is free. */
const address = v.pipe(
  v.string(addressAllowed),
  v.check((text) => addressIn(text) !== undefined, addressAllowed),
  v.transform((text): Address => addressIn(text) ?? { hostname: LOOPBACK, port: DEFAULT_PORT }),
);
const range = v.pipe(
  matching('MIN-MAX, MIN being the lesser, such as "300-600"', /^[0-9]{1,9}-[0-9]{1,9}$/),
  v.transform((text): Range => {
    const [min = 0, max = 0] = text.split("-").map(Number);
    return { min, max };
  }),
  v.check(
    ({ min, max }) => min < max,
    ({ input: { min, max } }) => `MIN-MAX, MIN being the lesser, not "${min}-${max}"`,
  ),
);

const peersAllowed = wrong(
  'ID=URL for each of 1 to 9 replicas, once, such as "n1=http://10.0.0.1:9006,n2=http://10.0.0.2:9006"',
);
/** The base URLs of all replicas by their ids, none of them twice. */
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
  logLevel: about("how much is said", v.optional(oneOf("debug", "info", "warning", "error"), "info")),
  logFormat: about("text, or json with one object a line", v.optional(oneOf("text", "json"), "text")),
} as const;

/** Every setting of a replica, as a file or a program gives it. */
export const replicaSchema: v.GenericSchema<DurioConfig, ReplicaSettings> = v.strictObject({
  id: about("the name of this replica", v.optional(id, "n1")),
  clusterId: about("the name of the cluster; replicas of others are refused", v.optional(id, "durio")),
  peers: about("all replicas, this one too, with their URLs (default: this one alone)", v.optional(peers)),
  transport: about(
    "how replicas reach each other: http, nats, or loopback for a cluster of one",
    v.optional(oneOf("http", "nats", "loopback"), "http"),
  ),
  ...natsFields,
  persister: about(
    "where data is kept: file, bun-sqlite, or memory to try things out",
    v.optional(oneOf("file", "bun-sqlite", "memory"), "file"),
  ),
  dataDir: about("the directory of the data (default: ./.durio/ID)", v.optional(path)),
  listen: about("the address to bind (default: that of this replica in the peers)", v.optional(address)),
  ...browserFields,
  requestTimeoutMs: about(
    "how long a request may wait before it gets 503, in ms",
    v.optional(whole(1, 3_600_000), 5000),
  ),
  heartbeatMs: about("how often a leader makes itself heard, in ms", v.optional(whole(1, 60_000), 50)),
  electionTimeoutMs: about("how long a follower waits for its leader, in ms", v.optional(range, "300-600")),
  ...limitFields,
  ...logging,
});

/** The settings of a cluster to try things with. */
export const devSchema: v.GenericSchema<unknown, DevSettings> = v.strictObject({
  replicas: about("how many, 1 to 9", v.optional(whole(1, 9), 3)),
  port: about("the port of the first replica; the others follow", v.optional(whole(1, 65_527), DEFAULT_PORT)),
  dataDir: about("where the replicas have their directories", v.optional(path, "./.durio")),
  // Three processes share no memory to loop back through.
  transport: about("how replicas reach each other: http or nats", v.optional(oneOf("http", "nats"), "http")),
  natsUrl,
  persister: about("file, bun-sqlite, or memory", v.optional(oneOf("file", "bun-sqlite", "memory"), "file")),
  ...logging,
});

/** The address in a text; undefined if it holds none. */
function addressIn(text: string): Address | undefined {
  if (/^\d+$/.test(text)) return addressIn(`${LOOPBACK}:${text}`);
  if (/^:\d+$/.test(text)) return addressIn(`0.0.0.0${text}`);
  const [, bracketed, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const hostname = bracketed ?? name;
  const port = Number(digits ?? DEFAULT_PORT);
  return hostname === undefined || port > 65_535 ? undefined : { hostname, port };
}

function isBaseUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}

function distinct(urls: readonly string[]): number {
  return new Set(urls.map((url) => new URL(url).origin)).size;
}
