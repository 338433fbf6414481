import { inClients } from "../suite.ts";
import type { Goal } from "./measures.ts";

/** Goals of earlier versions. */
export const olderGoals: readonly Goal[] = [
  ...[64, 256].map((clients) =>
    put(clients, "durio", "skeleton", {
      atLeast: 0.8,
      ifShort: "the skeleton has no sessions, elections or checks",
    }),
  ),
  ...[64, 256].map((clients) => put(clients, "durio, follower", "durio", { atLeast: 0.7 })),
  {
    goal: "PUT/s over NATS / over HTTP, 64 clients",
    atLeast: 0.6,
    measure: ({ beside }) =>
      beside("durio, nats + file", "durio, http + file", { suite: "transports", case: "PUT" }),
  },
  {
    goal: "PUT/s, 5 ms per sync, 64 clients / 64 per p50 of one client",
    atLeast: 0.9,
    measure({ alone }) {
      const one = alone("durio", { suite: "delays", case: "5 ms per sync, 1 client", figure: "p50Ms" });
      const all = alone("durio", { suite: "delays", case: "5 ms per sync, 64 clients" });
      return one && all && { value: all.value / (64_000 / one.value) };
    },
  },
  {
    goal: "PUT/s with a million keys / with one",
    atLeast: 0.9,
    measure({ alone }) {
      const many = alone("durio", { suite: "million", case: "PUT, all keys" });
      const few = alone("durio", { suite: "million", case: "PUT, one key" });
      return many && few && { value: many.value / few.value };
    },
  },
  {
    goal: "p99 of PUT during a snapshot of a million keys / before",
    atMost: 2,
    measure({ alone }) {
      const figure = "p99Ms";
      const during = alone("durio", { suite: "million", case: "PUT, during a snapshot", figure });
      const before = alone("durio", { suite: "million", case: "PUT, 64 clients and 8 that GET", figure });
      return during && before && before.value > 0 ? { value: during.value / before.value } : undefined;
    },
  },
  {
    goal: "failover, median, ms",
    atMost: 0.8,
    measure: ({ besideEtcd }) => besideEtcd({ suite: "failover", case: "3 replicas", figure: "gapMs" }),
    ifShort: "the shortest election timeout decides, 300 ms in both",
  },
  {
    goal: "resident memory of an idle leader, MiB",
    atMost: 76,
    measure: ({ alone }) =>
      alone("durio", { suite: "idle", case: "leader, heartbeats every 50 ms", figure: "residentMib" }),
  },
];

function put(
  clients: number,
  contender: string,
  other: string,
  limit: Pick<Goal, "atLeast" | "ifShort">,
): Goal {
  return {
    goal: `PUT/s, ${inClients(clients)}: ${contender} / ${other}`,
    ...limit,
    measure: ({ beside }) => beside(contender, other, { suite: "put", case: inClients(clients) }),
  };
}
