import { combinations } from "../../scripts/runtimes/matrix.ts";
import { alternate, type Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { startNats } from "../systems/nats.ts";
import type { Route } from "./routes.ts";
import { contenders, warmUp } from "./workloads.ts";

export const transportsSuite: Suite = {
  name: "transports",
  about: "PUT and GET of 100 B by 64 clients, by durio's transports and persisters",
  async run(run) {
    await using started = new AsyncDisposableStack();
    const nats = started.use(await startNats());
    const routes: Route[] = [];
    // The goal compares files over both transports; the rest takes longer.
    const compared = combinations.filter(({ persister }) => run.isChosen || persister === "file");
    for (const { transport, persister } of compared) {
      const through = ["--nats-url", nats.url, "--nats-prefix", `bench.${persister}`];
      const flags = ["--transport", transport, "--persister", persister, ...through];
      const cluster = started.use(await Cluster.start(3, { flags }));
      routes.push({ name: `durio, ${transport} + ${persister}`, cluster, kind: "durio", to: "leader" });
    }
    await warmUp(run, routes);
    return [
      ...(await alternate(run, "transports", "PUT", contenders(run, routes, { clients: 64, puts: 1 }))),
      ...(await alternate(run, "transports", "GET", contenders(run, routes, { clients: 64, puts: 0 }))),
    ];
  },
};
