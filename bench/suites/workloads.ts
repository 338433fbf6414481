import { KEYS, type Load, runLoad } from "../load/load.ts";
import type { LoadReport } from "../load/load-report.ts";
import type { Contender, Figures, Run } from "../suite.ts";
import type { ProcessCluster } from "../systems/process-cluster.ts";
import { residentMib, usageOf } from "../systems/process-figures.ts";
import type { Route } from "./routes.ts";

/** A workload; a route determines how it reaches the cluster. */
export type Workload = Omit<Load, "kind" | "targets" | "seconds" | "token">;

export function contenders(run: Run, routes: readonly Route[], workload: Workload): readonly Contender[] {
  // A single client cannot be distributed. And our load hardly matters beside the replicas until there are many.
  const possible = routes.filter(
    ({ to, kind }) => workload.clients >= (kind === "durio-wrk" ? 64 : to === "all" ? 2 : 1),
  );
  return possible.map((route) => ({
    name: route.name,
    measure: () => ask(route, { seconds: run.seconds, ...workload }),
  }));
}

/**
 * Puts each key once and continues for a while, because runtimes compile hot code, and users have replicas that have
 * run for minutes.
 *
 * @param puts the share of puts when each key has been put
 */
export async function warmUp(run: Run, routes: readonly Route[], puts = 0.5): Promise<void> {
  const warm = new Set<ProcessCluster>();
  for (const route of routes) {
    if (warm.has(route.cluster)) continue;
    warm.add(route.cluster);
    await ask(route, { clients: 256, seconds: 0, puts: 1, count: KEYS });
    await ask(route, { clients: 64, seconds: (run.quick ? 1 : 3) * run.seconds, puts });
  }
}

async function ask(
  { cluster, kind, to, token }: Route,
  load: Omit<Load, "kind" | "targets" | "token">,
): Promise<Figures> {
  const leader = await cluster.leader();
  const follower = await cluster.follower();
  const targets = to === "all" ? cluster.urls : [cluster.url(to === "leader" ? leader : follower)];
  const usages = () => [leader, follower].map((id) => usageOf(cluster.pid(id)));
  const before = usages();
  const report = await runLoad({ kind, targets, token, ...load });
  const after = usages();
  const us = (figure: "cpuMs" | "mainThreadMs", at: number) =>
    (1000 * ((after[at]?.[figure] ?? 0) - (before[at]?.[figure] ?? 0))) / report.total;
  return {
    ...figuresOf(report),
    leaderCpuUs: us("cpuMs", 0),
    followerCpuUs: us("cpuMs", 1),
    leaderMib: residentMib(cluster.pid(leader)),
    ...(cluster.worksOnMainThread && limitOf(us("mainThreadMs", 0))),
  };
}

/** The leader's main thread can't do more requests than fit into a second, however many cores the machine has. */
function limitOf(leaderMainUs: number): Figures {
  return { leaderMainUs, leaderMainLimit: 1e6 / leaderMainUs };
}

/** @throws if an answer was wrong */
export function figuresOf(report: LoadReport): Figures {
  const { count, seconds, total, failed, failure, absent, ...figures } = report;
  if (failed > 0) throw new Error(`${failed} of ${total} answers were wrong, such as: ${failure}`);
  if (absent > 0) throw new Error(`${absent} of ${total} gets found nothing`);
  const perSecond = count / seconds;
  return { perSecond, ...figures, loadCpuUs: (figures.loadCpuPercent * 1e4) / perSecond };
}
