import { KEYS, type Load, type LoadReport, runLoad } from "../load/load.ts";
import type { Contender, Figures, Run } from "../suite.ts";
import type { ProcessCluster } from "../systems/process-cluster.ts";
import { usageOf } from "../systems/process-figures.ts";
import type { Route } from "./routes.ts";

/** A workload; a route determines how it reaches the cluster. */
export type Workload = Omit<Load, "kind" | "targets" | "seconds" | "token">;

export function contenders(run: Run, routes: readonly Route[], workload: Workload): readonly Contender[] {
  // A single client cannot be distributed.
  const possible = routes.filter(({ to }) => to !== "all" || workload.clients > 1);
  return possible.map((route) => ({
    name: route.name,
    measure: () => ask(route, { seconds: run.seconds, ...workload }),
  }));
}

/**
 * Puts each key once and continues for a while, because runtimes compile hot code, and users have replicas that have
 * run for minutes.
 */
export async function warmUp(run: Run, routes: readonly Route[]): Promise<void> {
  const warm = new Set<ProcessCluster>();
  for (const route of routes) {
    if (warm.has(route.cluster)) continue;
    warm.add(route.cluster);
    await ask(route, { clients: 256, seconds: 0, puts: 1, count: KEYS });
    await ask(route, { clients: 64, seconds: (run.quick ? 1 : 3) * run.seconds, puts: 0.5 });
  }
}

async function ask(
  { cluster, kind, to, token }: Route,
  load: Omit<Load, "kind" | "targets" | "token">,
): Promise<Figures> {
  const leader = await cluster.leader();
  const follower = await cluster.follower();
  const targets = to === "all" ? cluster.urls : [cluster.url(to === "leader" ? leader : follower)];
  const cpuUs = () => [leader, follower].map((id) => 1000 * usageOf(cluster.pid(id)).cpuMs);
  const before = cpuUs();
  const report = await runLoad({ kind, targets, token, ...load });
  const [leaderCpuUs = 0, followerCpuUs = 0] = cpuUs().map(
    (us, at) => (us - (before[at] ?? 0)) / report.total,
  );
  return { ...figuresOf(report), leaderCpuUs, followerCpuUs };
}

/** @throws if an answer was wrong */
export function figuresOf(report: LoadReport): Figures {
  const { count, seconds, total, failed, failure, absent, ...figures } = report;
  if (failed > 0) throw new Error(`${failed} of ${total} answers were wrong, such as: ${failure}`);
  if (absent > 0) throw new Error(`${absent} of ${total} gets found nothing`);
  return { perSecond: count / seconds, ...figures };
}
