import { parseArgs } from "node:util";
import { httpRequest, type LoadResult, percentile, runLoad } from "./http-load.ts";
import { Cluster } from "./systems/durio.ts";

const usage = `Measures PUT and GET of durio over HTTP, beside the bare cost of an HTTP exchange with the same server.

  npm run bench                              three replicas of its own, file persister
  npm run bench -- --url http://HOST:PORT    a replica that runs already

  --clients 1,64     connections, a closed loop each; several counts are run one after the other
  --seconds 3        for each figure
  --rounds 3         each figure is the median of its rounds; the cases alternate
  --value-bytes 100
`;

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    clients: { type: "string", default: "1,64" },
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    "value-bytes": { type: "string", default: "100" },
    help: { type: "boolean", default: false },
  },
});

const KEYS = 10_000;
type Case = "healthz" | "GET" | "PUT";
const cases: readonly Case[] = ["healthz", "GET", "PUT"];

if (options.help) {
  console.log(usage);
} else if (options.url !== undefined) {
  await measure(new URL(options.url));
} else {
  await using cluster = await Cluster.start(3);
  await measure(cluster.url(await cluster.leader()));
}

async function measure(url: URL): Promise<void> {
  const value = "x".repeat(Number(options["value-bytes"]));
  const keyOf = (client: number, n: number) => `key-${(client * 7919 + n) % KEYS}`;
  const requests: Record<Case, (client: number, n: number) => Uint8Array> = {
    healthz: () => httpRequest("GET", url, "/healthz"),
    GET: (client, n) => httpRequest("GET", url, `/kvstore/get/${keyOf(client, n)}`),
    PUT: (client, n) =>
      httpRequest("POST", url, "/kvstore/put", JSON.stringify({ key: keyOf(client, n), value })),
  };
  console.log("case      clients        /s    p50 ms    p95 ms    p99 ms  p99.9 ms  failed");
  for (const clients of options.clients.split(",").map(Number)) {
    const results = new Map<Case, LoadResult[]>(cases.map((name) => [name, []]));
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const name of cases) {
        const load = { url, clients, seconds: Number(options.seconds), request: requests[name] };
        results.get(name)?.push(await runLoad(load));
      }
    }
    for (const [name, rounds] of results) print(name, clients, rounds);
  }
}

function print(name: Case, clients: number, rounds: readonly LoadResult[]): void {
  const median = (figure: (result: LoadResult) => number) =>
    rounds.map(figure).sort((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? Number.NaN;
  const figures = [0.5, 0.95, 0.99, 0.999].map((share) =>
    median((result) => percentile(result.latenciesMs, share)),
  );
  const cells = [
    name.padEnd(8),
    String(clients).padStart(8),
    median((result) => result.perSecond)
      .toFixed(0)
      .padStart(9),
    ...figures.map((figure) => figure.toFixed(2).padStart(9)),
    String(rounds.reduce((sum, result) => sum + result.failed, 0)).padStart(7),
  ];
  console.log(cells.join(" "));
}
