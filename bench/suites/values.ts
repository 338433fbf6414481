import { alternate, type Result, type Suite } from "../suite.ts";
import { routesTo } from "./routes.ts";
import { contenders, warmUp } from "./workloads.ts";

const KIB = 1024;
/** Fewer keys for larger values, so that all fits into the memory of a small machine. */
const sizes = [
  { name: "100 B", valueBytes: 100, keys: 10_000 },
  { name: "1 KiB", valueBytes: KIB, keys: 10_000 },
  { name: "16 KiB", valueBytes: 16 * KIB, keys: 1000 },
  { name: "64 KiB", valueBytes: 64 * KIB, keys: 400 },
  { name: "256 KiB", valueBytes: 256 * KIB, keys: 100 },
];

export const valuesSuite: Suite = {
  name: "values",
  about: "durable PUT by 64 clients, by the size of the value",
  async run(run) {
    await using clusters = new AsyncDisposableStack();
    const routes = await routesTo(clusters);
    await warmUp(run, routes);
    const results: Result[] = [];
    for (const { name, ...size } of run.quick ? sizes.slice(2) : sizes) {
      const asked = contenders(run, routes, { clients: 64, puts: 1, ...size });
      results.push(...(await alternate(run, "values", name, asked)));
    }
    return results;
  },
};
