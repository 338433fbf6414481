import { alternate, inClients, type Result, type Suite } from "../suite.ts";
import { Cluster, type DurioRuntime } from "../systems/durio.ts";
import type { Route } from "./routes.ts";
import { contenders, warmUp } from "./workloads.ts";

const runtimes: readonly DurioRuntime[] = ["bun", "node", "deno"];

export const securitySuite: Suite = {
  name: "security",
  byNameOnly: true,
  about: "PUT and GET of 100 B with and without a secret, and with a token, on each runtime",
  async run(run) {
    const results: Result[] = [];
    for (const runtime of run.quick ? runtimes.slice(0, 1) : runtimes) {
      await using started = new AsyncDisposableStack();
      const open = started.use(await Cluster.start(3, { runtime }));
      const sealed = started.use(await Cluster.start(3, { runtime, sealed: true }));
      const token = await sealed.token();
      const routes: readonly Route[] = [
        { name: "no secret", cluster: open, kind: "durio", to: "leader" },
        { name: "secret", cluster: sealed, kind: "durio", to: "leader" },
        { name: "secret, token", cluster: sealed, kind: "durio", to: "leader", token },
      ];
      await warmUp(run, routes);
      for (const puts of [1, 0]) {
        for (const clients of [1, 64, 256]) {
          const name = `${runtime}, ${puts === 1 ? "PUT" : "GET"}, ${inClients(clients)}`;
          results.push(
            ...(await alternate(run, "security", name, contenders(run, routes, { clients, puts }))),
          );
        }
      }
    }
    return results;
  },
};
