import { spawnChild } from "../systems/children.ts";
import { etcdLoad } from "../systems/etcd-programs.ts";
import type { LoadReport } from "./load-report.ts";
import { runWrk } from "./wrk.ts";

/**
 * The protocol of the requests. `healthz` is a bare exchange with durio's server, without any work; `durio-wrk` are
 * requests to durio by the program wrk; `nats-kv` are puts of NATS JetStream KV, by its client.
 */
export type LoadKind =
  | "durio"
  | "durio-wrk"
  | "rust-durio"
  | "healthz"
  | "etcd-json"
  | "etcd-grpc"
  | "nats-kv";

/** Those of our load generator. */
export type OwnLoadKind = Exclude<LoadKind, "etcd-grpc" | "durio-wrk">;

export interface Load {
  readonly kind: LoadKind;
  /** The addresses over which clients are distributed. */
  readonly targets: readonly URL[];
  /** Number of requests in flight. In an open loop, the maximum. */
  readonly clients: number;
  readonly seconds: number;
  /** Duration of the warm-up in seconds. Default: 0.3; 2 for the client of NATS, whose code takes long to be compiled. */
  readonly warmupSeconds?: number;
  /** The share of puts, 0 to 1. The rest are linearizable gets. */
  readonly puts: number;
  /** Default: 100. */
  readonly valueBytes?: number;
  /** Number of different keys, `key-0` and so on, used in turn. Default: 10,000. */
  readonly keys?: number;
  /** Requests per second of an open loop, each timed from when it was due. Default: a closed loop. */
  readonly rate?: number;
  /** Sent with each request to durio. Default: none. */
  readonly token?: string | undefined;
  /** Ends after this many requests, without a warm-up, instead of after `seconds`. */
  readonly count?: number;
}

export const KEYS = 10_000;
export const VALUE_BYTES = 100;

const program = new URL("./main.ts", import.meta.url).pathname;

/** Runs a load in its own process, so that nothing else delays it. */
export async function runLoad(load: Load): Promise<LoadReport> {
  if (load.kind === "durio-wrk") {
    const [target] = load.targets;
    if (target === undefined) throw new RangeError("targets: one is required");
    return await runWrk({ valueBytes: VALUE_BYTES, keys: KEYS, ...load, target });
  }
  const start = load.kind === "etcd-grpc" ? [etcdLoad ?? "etcd-load"] : [process.execPath, program];
  const child = spawnChild([...start, ...flagsOf(load)], "pipe");
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`the load on ${load.kind} ended with ${child.exitCode}`);
  return JSON.parse(output) as LoadReport;
}

function flagsOf(load: Load): readonly string[] {
  const flags = {
    targets: load.targets.map(({ origin }) => origin).join(","),
    clients: load.clients,
    seconds: load.seconds,
    warmup: load.warmupSeconds ?? (load.kind === "nats-kv" ? 2 : 0.3),
    puts: load.puts,
    "value-bytes": load.valueBytes ?? VALUE_BYTES,
    keys: load.keys ?? KEYS,
    rate: load.rate ?? 0,
    count: load.count ?? 0,
    ...(load.token !== undefined && { token: load.token }),
    // etcd's client can have many requests in flight on a connection; two connections did best with 64 and 256 clients.
    // Elsewhere each client has its own.
    ...(load.kind === "etcd-grpc"
      ? { connections: Math.min(load.clients, Math.max(2, load.targets.length)) }
      : { kind: load.kind }),
  };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
