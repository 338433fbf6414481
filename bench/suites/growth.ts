import type { Growing } from "../growth/main.ts";
import {
  alternate,
  type Contender,
  type Figures,
  inClients,
  type Result,
  type Run,
  type Suite,
} from "../suite.ts";
import { spawnChild } from "../systems/children.ts";
import { routesTo } from "./routes.ts";
import { contenders, warmUp } from "./workloads.ts";

const KIB = 1024;
const program = new URL("../growth/main.ts", import.meta.url).pathname;

export const growingClients: Suite = {
  name: "growth-clients",
  about: "durable PUT of 100 B on three replicas, by the number of clients",
  byNameOnly: true,
  async run(run) {
    await using clusters = new AsyncDisposableStack();
    const routes = await routesTo(clusters);
    await warmUp(run, routes);
    const results: Result[] = [];
    for (const clients of run.quick ? [64, 1024] : [1, 4, 16, 64, 256, 512, 1024]) {
      const asked = contenders(run, routes, { clients, puts: 1 });
      results.push(...(await alternate(run, "growth-clients", inClients(clients), asked)));
    }
    return results;
  },
};

/** Fewer keys for larger values, so that all fits into the memory of a small machine. */
const sizes = [
  { name: "10 B", valueBytes: 10, keys: 10_000 },
  { name: "100 B", valueBytes: 100, keys: 10_000 },
  { name: "1 KiB", valueBytes: KIB, keys: 10_000 },
  { name: "4 KiB", valueBytes: 4 * KIB, keys: 4000 },
  { name: "16 KiB", valueBytes: 16 * KIB, keys: 1000 },
  { name: "64 KiB", valueBytes: 64 * KIB, keys: 400 },
  { name: "256 KiB", valueBytes: 256 * KIB, keys: 100 },
  { name: "512 KiB", valueBytes: 512 * KIB, keys: 50 },
];

export const growingValues: Suite = {
  name: "growth-values",
  about: "durable PUT by 64 clients, by the size of the value",
  byNameOnly: true,
  async run(run) {
    await using clusters = new AsyncDisposableStack();
    const routes = await routesTo(clusters);
    await warmUp(run, routes);
    const results: Result[] = [];
    for (const { name, ...size } of run.quick ? sizes.slice(-1) : sizes) {
      const asked = contenders(run, routes, { clients: 64, puts: 1, ...size });
      results.push(...(await alternate(run, "growth-values", name, asked)));
    }
    return results;
  },
};

export const growingReplicas: Suite = {
  name: "growth-replicas",
  about: "durable PUT of 100 B by 64 clients, by the number of replicas",
  byNameOnly: true,
  async run(run) {
    const results: Result[] = [];
    for (const size of run.quick ? [5] : [3, 5, 7, 9]) {
      await using clusters = new AsyncDisposableStack();
      const routes = await routesTo(clusters, { size });
      await warmUp(run, routes);
      const asked = contenders(run, routes, { clients: 64, puts: 1 });
      results.push(...(await alternate(run, "growth-replicas", `${size} replicas`, asked)));
    }
    return results;
  },
};

export const growingKeys: Suite = {
  name: "growth-keys",
  about: "the store alone, by the number of keys, in random order; ten million with --large",
  byNameOnly: true,
  async run(run) {
    const counts = run.quick ? [1e3, 1e5] : [1e3, 1e4, 1e5, 1e6, 3e6];
    return await storeBy(run, "keys", run.large ? [...counts, 1e7] : counts);
  },
};

export const growingSessions: Suite = {
  name: "growth-sessions",
  about: "a put of the store alone, by the number of sessions, with 1 and 64 pending writes in each",
  byNameOnly: true,
  run: (run) => storeBy(run, "sessions", [10, 100, 1000, 10_000]),
};

async function storeBy(run: Run, what: Growing, counts: readonly number[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const count of counts) {
    const store: Contender = { name: "store", measure: () => measureStore(what, count) };
    results.push(
      ...(await alternate(run, `growth-${what}`, `${count.toLocaleString("en")} ${what}`, [store])),
    );
  }
  return results;
}

/** Each in a new process, so that none inherits the memory of another. */
async function measureStore(what: Growing, count: number): Promise<Figures> {
  const child = spawnChild([process.execPath, program, what, "--count", `${count}`], "pipe");
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`bench/growth ended with ${child.exitCode}`);
  return JSON.parse(output) as Figures;
}
