import { parseArgs } from "node:util";
import { httpRequest, percentile, runLoad } from "./http-load.ts";
import { Cluster } from "./systems/durio.ts";

const usage = `Fills three replicas with a million keys, goes on writing until snapshots of all of them were taken, and tells
whether that cost an election, how long a replica was busy at a stretch, and how long one takes to come back.

  npm run bench:million -- --keys 1000000 --value-bytes 100
`;

const { values: options } = parseArgs({
  options: {
    keys: { type: "string", default: "1000000" },
    "value-bytes": { type: "string", default: "100" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(usage);
} else {
  await using cluster = await Cluster.start(3, { flags: ["--compact-log-mib", "32"] });
  await run(cluster);
}

async function run(cluster: Cluster): Promise<void> {
  const keys = Number(options.keys);
  const value = "x".repeat(Number(options["value-bytes"]));
  const leader = await cluster.leader();
  const url = cluster.url(leader);
  const before = await cluster.status(leader);
  let next = 0;
  const put = () =>
    httpRequest("POST", url, "/kvstore/put", JSON.stringify({ key: `key-${next++ % keys}`, value }));
  const fill = async (name: string, until: number) => {
    const stalls = new StallWatch(cluster);
    const startedAt = performance.now();
    const first = next;
    let failed = 0;
    while (next < until) failed += (await runLoad({ url, clients: 64, seconds: 2, request: put })).failed;
    const perSecond = (1000 * (next - first)) / (performance.now() - startedAt);
    console.log(`${name}: about ${perSecond.toFixed(0)} puts/s, ${failed} failed; ${await stalls.end()}`);
  };
  await fill("filling", keys);
  next = keys;
  await fill("overwriting, with snapshots of all keys", 3 * keys);

  for (const id of cluster.ids) {
    const status = await cluster.status(id);
    console.log(`${id}: ${status?.role}, term ${status?.term}, ${JSON.stringify(status)}`);
    console.log(`${id}: resident ${(await residentMib(cluster.pid(id))).toFixed(0)} MiB`);
  }
  const after = await cluster.status(leader);
  console.log(
    before?.term === after?.term ? "no election" : `elections: term ${before?.term} to ${after?.term}`,
  );

  const follower = cluster.ids.find((id) => id !== leader) ?? leader;
  await cluster.kill(follower);
  const killedAt = performance.now();
  cluster.start(follower);
  while (!(await ready(cluster.url(follower)))) await Bun.sleep(5);
  console.log(`${follower} ready again after ${(performance.now() - killedAt).toFixed(0)} ms`);
}

/** Asks every replica for a trifle, one request after another: an answer waits for whatever keeps its loop busy. */
class StallWatch {
  #watching = true;
  readonly #watches: Promise<{ id: string; latenciesMs: Float64Array }>[];

  constructor(cluster: Cluster) {
    this.#watches = cluster.ids.map((id) => this.#watch(id, cluster.url(id)));
  }

  async end(): Promise<string> {
    this.#watching = false;
    const ends = await Promise.all(this.#watches);
    const worst = ends.map(({ id, latenciesMs }) => {
      const p999 = percentile(latenciesMs, 0.999).toFixed(1);
      return `${id} ${latenciesMs.at(-1)?.toFixed(1)} ms (p99.9 ${p999})`;
    });
    return `longest stall seen: ${worst.join(", ")}`;
  }

  async #watch(id: string, url: URL): Promise<{ id: string; latenciesMs: Float64Array }> {
    const latencies: number[] = [];
    while (this.#watching) {
      const askedAt = performance.now();
      await (await fetch(new URL("/healthz", url))).text();
      latencies.push(performance.now() - askedAt);
      await Bun.sleep(2);
    }
    return { id, latenciesMs: Float64Array.from(latencies).sort() };
  }
}

async function ready(url: URL): Promise<boolean> {
  const response = await fetch(new URL("/readyz", url)).catch(() => undefined);
  return response?.status === 200;
}

async function residentMib(pid: number | undefined): Promise<number> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
