import type { Contender, Figures } from "../suite.ts";
import type { ProcessCluster } from "../systems/process-cluster.ts";

/** Starts a replica that is down, and waits until it is ready. */
export async function start(cluster: ProcessCluster, id: string): Promise<Figures> {
  const startedAt = performance.now();
  cluster.start(id);
  await cluster.ready(id);
  return { readyMs: performance.now() - startedAt };
}

/** Kills a follower and restarts it. */
export function restart(name: string, cluster: ProcessCluster): Contender {
  return {
    name,
    async measure() {
      const follower = await cluster.follower();
      await cluster.kill(follower);
      return await start(cluster, follower);
    },
  };
}
