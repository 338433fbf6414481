import { type Put, putDurio, putEtcd, Writers } from "../failover/writers.ts";
import { alternate, type Contender, type Result, type Run, type Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { EtcdCluster } from "../systems/etcd.ts";
import { etcdPrograms } from "../systems/etcd-programs.ts";
import type { ProcessCluster } from "../systems/process-cluster.ts";

/** Equivalent to durio's defaults: etcd's timeout is one to two times the given value. */
const etcdTimeouts = ["--heartbeat-interval", "50", "--election-timeout", "300"];

export const failoverSuite: Suite = {
  name: "failover",
  about: "from kill -9 of the leader to the next acknowledged write that began after it, a trial a round",
  async run(run: Run): Promise<readonly Result[]> {
    await using clusters = new AsyncDisposableStack();
    const contenders = [contender("durio", clusters.use(await Cluster.start(3)), putDurio)];
    for (const program of etcdPrograms) {
      const etcd = clusters.use(await EtcdCluster.start(program, 3, { flags: etcdTimeouts }));
      contenders.push(contender(`${program.name}, JSON`, etcd, putEtcd));
    }
    return await alternate({ ...run, rounds: run.quick ? 3 : 25 }, "failover", "3 replicas", contenders);
  },
};

function contender(name: string, cluster: ProcessCluster, put: Put): Contender {
  return {
    name,
    async measure() {
      await using writers = new Writers({ count: 16, targets: cluster.urls, put, timeoutMs: 100 });
      const { acknowledgements } = writers;
      await acknowledgements.more(50);
      const leader = await cluster.leader();
      const killedAt = performance.now();
      await cluster.kill(leader);
      const gapMs = (await acknowledgements.next()) - killedAt;
      cluster.start(leader);
      await cluster.ready(leader);
      return { gapMs };
    },
  };
}
