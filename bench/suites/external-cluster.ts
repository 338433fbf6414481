import { runLoad } from "../load/load.ts";
import { alternate, type Contender, inClients, type Result, type Suite } from "../suite.ts";
import { figuresOf } from "./workloads.ts";

/** Measures one replica of a running durio. */
export function externalSuite(url: URL): Suite {
  const targets = [url];
  return {
    name: "running",
    about: `${url.origin}, beside the bare exchange with its server`,
    async run({ seconds, ...run }) {
      const load = { targets, seconds, kind: "durio" } as const;
      const contendersOf = (clients: number): Contender[] => [
        ...(["PUT", "GET"] as const).map((name) => ({
          name,
          measure: async () => figuresOf(await runLoad({ ...load, clients, puts: name === "PUT" ? 1 : 0 })),
        })),
        {
          name: "GET /healthz",
          measure: async () => figuresOf(await runLoad({ ...load, kind: "healthz", clients, puts: 0 })),
        },
      ];
      figuresOf(await runLoad({ ...load, clients: 64, puts: 1, count: 10_000 }));
      const results: Result[] = [];
      for (const clients of [1, 64]) {
        const name = inClients(clients);
        results.push(...(await alternate({ ...run, seconds }, "running", name, contendersOf(clients))));
      }
      return results;
    },
  };
}
