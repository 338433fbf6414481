import { alternate, inClients, type Result, type Run, type Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { buildGoProgram } from "../systems/go-programs.ts";
import { NatsCluster } from "../systems/nats-cluster.ts";
import { RustDurio, rustDurioProgram } from "../systems/rust-durio.ts";
import type { Route } from "./routes.ts";
import { contenders, warmUp } from "./workloads.ts";

export const othersSuite: Suite = {
  name: "others",
  about:
    "PUT and GET of 100 B beside NATS JetStream KV and, if RUST_DURIO names its program, the durio in Rust",
  byNameOnly: true,
  async run(run: Run): Promise<readonly Result[]> {
    await using clusters = new AsyncDisposableStack();
    const durio = clusters.use(await Cluster.start(3));
    const http: Route[] = [{ name: "durio", cluster: durio, kind: "durio", to: "leader" }];
    if (rustDurioProgram === undefined) {
      run.progress("others: RUST_DURIO names no program, so the durio in Rust is not measured");
    } else {
      const rust = clusters.use(await RustDurio.start(rustDurioProgram));
      http.push({ name: "durio in Rust", cluster: rust, kind: "rust-durio", to: "leader" });
    }
    const kv = await natsRoutes(clusters, run);
    await warmUp(run, http);
    await warmUp(run, kv, 1);
    const results: Result[] = [];
    for (const clients of [1, 64, 256]) {
      // A get of NATS KV is not linearizable.
      const all = contenders(run, [...http, ...kv], { clients, puts: 1 });
      const readers = contenders(run, http, { clients, puts: 0 });
      results.push(
        ...(await alternate(run, "others", `PUT, ${inClients(clients)}`, all)),
        ...(await alternate(run, "others", `GET, ${inClients(clients)}`, readers)),
      );
    }
    return results;
  },
};

async function natsRoutes(clusters: AsyncDisposableStack, run: Run): Promise<readonly Route[]> {
  const program = await buildGoProgram("nats-server");
  if (program === undefined) {
    run.progress("others: nats-server can't be built, so NATS KV is not measured");
    return [];
  }
  const routes: Route[] = [];
  for (const [name, sync] of [["always", "always"] as const, ["every 2 minutes", "2m"] as const]) {
    const cluster = clusters.use(await NatsCluster.start(program, sync));
    routes.push({ name: `NATS KV, R3, sync ${name}`, cluster, kind: "nats-kv", to: "leader" });
  }
  return routes;
}
