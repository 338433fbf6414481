import { aligned, median } from "./report.ts";
import { inClients, type Result } from "./suite.ts";

/** The result of a goal. */
export interface Outcome {
  readonly goal: string;
  /** The target, such as `>= 2`. */
  readonly asked: string;
  /** Undefined if its suite did not run. */
  readonly measured: number | undefined;
  readonly reached: boolean | undefined;
}

/** Returns the median of a figure (default: `perSecond`), or undefined if it was not measured. */
type Find = (suite: string, name: string, contender: string, figure?: string) => number | undefined;

interface Goal {
  readonly goal: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly measured: (find: Find) => number | undefined;
}

const etcd = "etcd, gRPC";

const goals: readonly Goal[] = [
  ...[64, 256].map((clients) => compared("put", clients, { of: "durio", to: etcd, atLeast: 2 })),
  ...[64, 256].map((clients) => compared("put", clients, { of: "durio", to: "skeleton", atLeast: 0.8 })),
  ...[1, 8, 64, 256].map((clients) => ({
    goal: `p99 of PUT, ${inClients(clients)}: durio / ${etcd}`,
    atMost: 1,
    measured: (find: Find) =>
      ratio(
        find("put", inClients(clients), "durio", "p99Ms"),
        find("put", inClients(clients), etcd, "p99Ms"),
      ),
  })),
  ...[64, 256].map((clients) => compared("get", clients, { of: "durio", to: etcd, atLeast: 4 })),
  ...[64, 256].map((clients) =>
    compared("put", clients, { of: "durio, follower", to: "durio", atLeast: 0.7 }),
  ),
  {
    goal: "PUT/s, 64 clients: nats / http, with files",
    atLeast: 0.6,
    measured: (find) =>
      ratio(find("transports", "PUT", "durio, nats + file"), find("transports", "PUT", "durio, http + file")),
  },
  {
    goal: "PUT/s, 64 clients, 5 ms per sync: of 64 / the latency of one client",
    atLeast: 0.9,
    measured(find) {
      const latencyMs = find("delays", "5 ms per sync, 1 client", "durio", "p50Ms");
      const possible = latencyMs === undefined ? undefined : (64 * 1000) / latencyMs;
      return ratio(find("delays", "5 ms per sync, 64 clients", "durio"), possible);
    },
  },
  {
    goal: "PUT/s, 64 clients: with a million keys / with few",
    atLeast: 0.9,
    measured: (find) =>
      ratio(find("million", "PUT, all keys", "durio"), find("million", "PUT, one key", "durio")),
  },
  {
    goal: "snapshot of a million keys: longest stall, ms",
    atMost: 20,
    measured: (find) => find("million", "snapshot", "durio", "longestStallMs"),
  },
  {
    goal: "snapshot of a million keys: p99 of PUT during it / before",
    atMost: 2,
    measured: (find) =>
      ratio(
        find("million", "PUT, during a snapshot", "durio", "p99Ms"),
        find("million", "PUT, 64 clients and 8 that GET", "durio", "p99Ms"),
      ),
  },
  {
    goal: "failover, median: durio / etcd",
    atMost: 0.8,
    measured: (find) =>
      ratio(
        find("failover", "3 replicas", "durio", "gapMs"),
        find("failover", "3 replicas", "etcd, JSON", "gapMs"),
      ),
  },
  {
    goal: "memory of a replica with a million keys, MB",
    atMost: 400,
    measured: (find) => inMb(find("million", "memory", "durio", "residentMib")),
  },
  {
    goal: "memory of an idle replica, MB",
    atMost: 80,
    measured: (find) => inMb(find("idle", "3 replicas", "durio, leader", "residentMib")),
  },
];

export function outcomesOf(results: readonly Result[]): readonly Outcome[] {
  const find: Find = (suite, name, contender, figure = "perSecond") =>
    median(
      results.find(
        (result) => result.suite === suite && result.case === name && result.contender === contender,
      ),
      figure,
    );
  return goals.map(({ goal, atLeast, atMost, measured: measure }) => {
    const measured = measure(find);
    const isReached = (figure: number) => figure >= (atLeast ?? figure) && figure <= (atMost ?? figure);
    return {
      goal,
      asked: atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`,
      measured,
      reached: measured === undefined ? undefined : isReached(measured),
    };
  });
}

export function goalsTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ goal, asked, measured, reached }) => [
    goal,
    asked,
    measured?.toFixed(measured < 10 ? 2 : 0) ?? "not measured",
    reached === undefined ? "" : reached ? "yes" : "no",
  ]);
  return aligned([["goal", "asked", "measured", "reached"], ...rows]);
}

/** A ratio of two contenders' operations per second. */
interface Comparison {
  readonly of: string;
  readonly to: string;
  readonly atLeast: number;
}

function compared(suite: "put" | "get", clients: number, { of, to, atLeast }: Comparison): Goal {
  const name = inClients(clients);
  return {
    goal: `${suite.toUpperCase()}/s, ${name}: ${of} / ${to}`,
    atLeast,
    measured: (find) => ratio(find(suite, name, of), find(suite, name, to)),
  };
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function inMb(mib: number | undefined): number | undefined {
  return mib === undefined ? undefined : (mib * 2 ** 20) / 1e6;
}
