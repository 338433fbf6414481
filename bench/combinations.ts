import { parseArgs } from "node:util";
import { combinations } from "../test/runtimes/matrix.ts";
import { httpRequest, percentile, runLoad } from "./http-load.ts";
import { Cluster } from "./systems/durio.ts";
import { startNats } from "./systems/nats.ts";

const usage = `Measures PUT of 100 bytes on three replicas, to the leader, for each transport with each persister, in alternating
rounds, each on a cluster of its own. Prints a table in Markdown: medians, and from the least to the most.

  npm run bench:combinations -- --clients 64 --seconds 3 --rounds 3
`;

const { values: options } = parseArgs({
  options: {
    clients: { type: "string", default: "64" },
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    help: { type: "boolean", default: false },
  },
});

interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

if (options.help) console.log(usage);
else await compare();

async function compare(): Promise<void> {
  await using nats = await startNats();
  const results = combinations.map((combination) => ({ combination, rounds: [] as Round[] }));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { combination, rounds } of results) {
      const { transport, persister } = combination;
      const prefix = `bench.${round}-${persister}`;
      const through = ["--nats-url", nats.url, "--nats-prefix", prefix];
      await using cluster = await Cluster.start(3, {
        flags: ["--transport", transport, "--persister", persister, ...through],
      });
      rounds.push(await measure(cluster.url(await cluster.leader())));
      console.error(
        `round ${round + 1}: ${transport} with ${persister}, ${rounds.at(-1)?.perSecond.toFixed(0)}/s`,
      );
    }
  }
  console.log("| | PUT/s | p50, ms | p99, ms |\n| --- | --- | --- | --- |");
  for (const { combination, rounds } of results) {
    const rates = rounds.map(({ perSecond }) => perSecond).sort((a, b) => a - b);
    const cells = [
      `${combination.transport}, ${combination.persister}`,
      `${medianOf(rates).toFixed(0)} (${rates[0]?.toFixed(0)}-${rates.at(-1)?.toFixed(0)})`,
      medianOf(rounds.map(({ p50Ms }) => p50Ms)).toFixed(2),
      medianOf(rounds.map(({ p99Ms }) => p99Ms)).toFixed(2),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

async function measure(url: URL): Promise<Round> {
  const value = "x".repeat(100);
  const request = (client: number, n: number) =>
    httpRequest(
      "POST",
      url,
      "/kvstore/put",
      JSON.stringify({ key: `key-${(client * 7919 + n) % 10_000}`, value }),
    );
  const clients = Number(options.clients);
  await runLoad({ url, clients, seconds: 0.5, request });
  const { perSecond, failed, latenciesMs } = await runLoad({
    url,
    clients,
    seconds: Number(options.seconds),
    request,
  });
  if (failed > 0) throw new Error(`${failed} requests failed`);
  return { perSecond, p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99) };
}

function medianOf(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
