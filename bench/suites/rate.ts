import { alternate, type Result, type Suite } from "../suite.ts";
import { routesTo } from "./routes.ts";
import { contenders, warmUp } from "./workloads.ts";

export const rateSuite: Suite = {
  name: "rate",
  byNameOnly: true,
  about: "latency of durable PUT of 100 B at rates that both can bear, by at most 64 clients at once",
  async run(run) {
    await using clusters = new AsyncDisposableStack();
    const routes = await routesTo(clusters);
    await warmUp(run, routes);
    const results: Result[] = [];
    for (const rate of [500, 2000]) {
      const name = `${rate.toLocaleString("en")}/s`;
      results.push(
        ...(await alternate(run, "rate", name, contenders(run, routes, { clients: 64, puts: 1, rate }))),
      );
    }
    return results;
  },
};
