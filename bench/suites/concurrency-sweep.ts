import { alternate, inClients, type Result, type Run, type Suite } from "../suite.ts";
import { routesTo } from "./routes.ts";
import { contenders, warmUp } from "./workloads.ts";

export const putSuite: Suite = {
  name: "put",
  about: "durable PUT of 100 B on three replicas",
  run: (run) =>
    sweep(run, {
      suite: "put",
      puts: 1,
      counts: [1, 8, 64, 256],
      routes: { follower: true, json: true, wrk: true, skeleton: true },
    }),
};

export const getSuite: Suite = {
  name: "get",
  about: "linearizable GET of 100 B on three replicas, of 10,000 keys",
  run: (run) =>
    sweep(run, {
      suite: "get",
      puts: 0,
      counts: run.quick ? [64, 256] : [1, 8, 64, 256],
      routes: { follower: true, wrk: true, skeleton: true },
    }),
};

export const mixedSuite: Suite = {
  name: "mixed",
  about: "90 % linearizable GET and 10 % durable PUT, of 100 B on three replicas",
  byNameOnly: true,
  run: (run) =>
    sweep(run, {
      suite: "mixed",
      puts: 0.1,
      counts: run.quick ? [64] : [64, 256],
      routes: { spread: true, skeleton: true },
    }),
};

interface Mix {
  readonly suite: string;
  /** The share of puts, 0 to 1. */
  readonly puts: number;
  /** The number of concurrent clients of each case. */
  readonly counts: readonly number[];
  readonly routes: Parameters<typeof routesTo>[1];
}

async function sweep(run: Run, { suite, puts, counts, routes: asked }: Mix): Promise<readonly Result[]> {
  await using clusters = new AsyncDisposableStack();
  const routes = await routesTo(clusters, asked);
  await warmUp(run, routes);
  const results: Result[] = [];
  for (const clients of counts) {
    const compared = contenders(run, routes, { clients, puts });
    results.push(...(await alternate(run, suite, inClients(clients), compared)));
  }
  return results;
}
