import { spawnChild } from "../systems/children.ts";
import { etcdClient } from "./etcd-client.ts";

/** What the requests speak. `healthz` is the bare exchange with durio's server, without any work in it. */
export type LoadKind = "durio" | "healthz" | "etcd-json" | "etcd-grpc";

export interface Load {
  readonly kind: LoadKind;
  /** Where clients connect to, spread over them. */
  readonly targets: readonly URL[];
  /** How many requests are under way at once; in an open loop, at most. */
  readonly clients: number;
  readonly seconds: number;
  /** How long to run before that. Default: 0.3. */
  readonly warmupSeconds?: number;
  /** The share of puts, 0 to 1; the others are linearizable gets. */
  readonly puts: number;
  /** Default: 100. */
  readonly valueBytes?: number;
  /** How many different keys, `key-0` and so on, one after another. Default: 10,000. */
  readonly keys?: number;
  /** An open loop of so many requests per second, each timed from when it was due; without it, a closed loop. */
  readonly rate?: number;
  /** Ends after so many requests, without a warm-up, rather than after `seconds`. */
  readonly count?: number;
}

export interface LoadReport {
  /** Answers within `seconds`. */
  readonly count: number;
  readonly seconds: number;
  /** All answers, those of the warm-up too. */
  readonly total: number;
  /** Answers that were not what they should be; and the last of them, in words. */
  readonly failed: number;
  readonly failure?: string;
  /** Gets of keys that were not there. */
  readonly absent: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** What the load itself took, in percent of a core. */
  readonly loadCpuPercent: number;
}

export const KEYS = 10_000;
export const VALUE_BYTES = 100;

const program = new URL("./main.ts", import.meta.url).pathname;

/** Runs a load in a process of its own, which nothing else keeps waiting. */
export async function runLoad(load: Load): Promise<LoadReport> {
  const start = load.kind === "etcd-grpc" ? [await etcdClient()] : [process.execPath, program];
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
    warmup: load.warmupSeconds ?? 0.3,
    puts: load.puts,
    "value-bytes": load.valueBytes ?? VALUE_BYTES,
    keys: load.keys ?? KEYS,
    rate: load.rate ?? 0,
    count: load.count ?? 0,
    // Over etcd's client, which can have many requests under way on a connection, two did best with 64 and 256
    // clients; elsewhere each client has its own.
    ...(load.kind === "etcd-grpc"
      ? { connections: Math.min(load.clients, Math.max(2, load.targets.length)) }
      : { kind: load.kind }),
  };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
