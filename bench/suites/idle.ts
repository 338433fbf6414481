import type { Figures, Result, Run, Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { EtcdCluster, etcdIsHere } from "../systems/etcd.ts";
import type { ProcessCluster } from "../systems/process-cluster.ts";
import { residentMib, usageOf } from "../systems/process-figures.ts";

/** Time in ms after a start until the replicas are idle. */
const SETTLE_MS = 2000;

interface Idler {
  readonly contender: string;
  readonly pid: number;
}

export const idleSuite: Suite = {
  name: "idle",
  about: "CPU, memory and wake-ups of idle replicas",
  async run(run: Run): Promise<readonly Result[]> {
    await using durio = await Cluster.start(3);
    await using etcd = etcdIsHere ? await EtcdCluster.start(3) : undefined;
    const idlers = [
      ...(await idlersOf("durio", durio)),
      ...(etcd === undefined ? [] : await idlersOf("etcd", etcd)),
    ];
    await Bun.sleep(SETTLE_MS);
    const rounds: Figures[][] = [];
    for (let round = 1; round <= run.rounds; round++) {
      run.progress(`idle: round ${round}`);
      rounds.push(await observe(idlers, Math.max(3, run.seconds)));
    }
    return idlers.map(({ contender }, at) => ({
      suite: "idle",
      case: "3 replicas",
      contender,
      rounds: rounds.map((figures) => figures[at] ?? {}),
    }));
  },
};

async function idlersOf(name: string, cluster: ProcessCluster): Promise<Idler[]> {
  const [leader, follower] = [await cluster.leader(), await cluster.follower()];
  return [
    { contender: `${name}, leader`, pid: cluster.pid(leader) },
    { contender: `${name}, follower`, pid: cluster.pid(follower) },
  ];
}

/** All at the same time, because they are idle. */
async function observe(idlers: readonly Idler[], seconds: number): Promise<Figures[]> {
  const before = idlers.map(({ pid }) => usageOf(pid));
  await Bun.sleep(seconds * 1000);
  return idlers.map(({ pid }, at) => {
    const [from, to] = [before[at] ?? usageOf(pid), usageOf(pid)];
    const ms = to.atMs - from.atMs;
    return {
      cpuPercent: (100 * (to.cpuMs - from.cpuMs)) / ms,
      wakeUpsPerSecond: (1000 * (to.wakeUps - from.wakeUps)) / ms,
      residentMib: residentMib(pid),
    };
  });
}
