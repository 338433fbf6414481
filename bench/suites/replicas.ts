import { alternate, type Result, type Suite } from "../suite.ts";
import { routesTo } from "./routes.ts";
import { contenders, warmUp } from "./workloads.ts";

export const replicasSuite: Suite = {
  name: "replicas",
  byNameOnly: true,
  about: "durable PUT of 100 B by 64 clients, by the number of replicas",
  async run(run) {
    const results: Result[] = [];
    for (const size of run.quick ? [5] : [3, 5, 7]) {
      await using clusters = new AsyncDisposableStack();
      const routes = await routesTo(clusters, { size });
      await warmUp(run, routes);
      const asked = contenders(run, routes, { clients: 64, puts: 1 });
      results.push(...(await alternate(run, "replicas", `${size} replicas`, asked)));
    }
    return results;
  },
};
