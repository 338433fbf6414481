import { runLoad } from "../load/load.ts";
import type { Figures, Result, Run, Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { EtcdCluster } from "../systems/etcd.ts";
import { etcdLoad, etcdPrograms, newestEtcd } from "../systems/etcd-programs.ts";
import type { ProcessCluster } from "../systems/process-cluster.ts";
import { residentMib, usageOf, wakeUpsBetween } from "../systems/process-figures.ts";
import { figuresOf } from "./workloads.ts";

/** Of etcd by default, and of durio by default. */
const heartbeatsMs = [100, 50];

/** Time in ms after a start until replicas are idle. */
const SETTLE_MS = 2000;
/** Time in ms after the load. It takes longer, because runtimes compile code and collect garbage. */
const REST_MS = 10_000;

interface System {
  readonly contender: string;
  readonly heartbeatMs: number;
  readonly cluster: ProcessCluster;
  readonly kind: "durio" | "etcd-grpc";
}

interface Idler {
  readonly case: string;
  readonly contender: string;
  readonly pid: number;
  /** Before the load. */
  readonly residentMib: number;
}

export const idleSuite: Suite = {
  name: "idle",
  about: "CPU, memory and wake-ups of idle replicas with equal heartbeats, after 10,000 PUTs",
  async run(run: Run): Promise<readonly Result[]> {
    await using clusters = new AsyncDisposableStack();
    const systems = await startSystems(clusters);
    await Bun.sleep(SETTLE_MS);
    const idlers: Idler[] = [];
    for (const system of systems) {
      idlers.push(...(await idlersOf(system)));
      await write(system);
    }
    await Bun.sleep(run.quick ? SETTLE_MS : REST_MS);
    const rounds: Figures[][] = [];
    for (let round = 1; round <= run.rounds; round++) {
      run.progress(`idle: round ${round}`);
      rounds.push(await observe(idlers, run.quick ? 5 : Math.max(13, run.seconds)));
    }
    return idlers.map(({ contender, ...idler }, at) => ({
      suite: "idle",
      case: idler.case,
      contender,
      rounds: rounds.map((figures) => figures[at] ?? {}),
    }));
  },
};

async function startSystems(clusters: AsyncDisposableStack): Promise<readonly System[]> {
  const systems: System[] = [];
  for (const heartbeatMs of heartbeatsMs) {
    const durio = await Cluster.start(3, { flags: ["--heartbeat-ms", `${heartbeatMs}`] });
    systems.push({ contender: "durio", heartbeatMs, cluster: clusters.use(durio), kind: "durio" });
    for (const program of etcdPrograms) {
      if (heartbeatMs !== heartbeatsMs[0] && program !== newestEtcd) continue;
      const etcd = await EtcdCluster.start(program, 3, { flags: ["--heartbeat-interval", `${heartbeatMs}`] });
      systems.push({ contender: program.name, heartbeatMs, cluster: clusters.use(etcd), kind: "etcd-grpc" });
    }
  }
  return systems;
}

async function idlersOf({ contender, heartbeatMs, cluster }: System): Promise<readonly Idler[]> {
  const pids = {
    leader: cluster.pid(await cluster.leader()),
    follower: cluster.pid(await cluster.follower()),
  };
  return Object.entries(pids).map(([role, pid]) => ({
    case: `${role}, heartbeats every ${heartbeatMs} ms`,
    contender,
    pid,
    residentMib: residentMib(pid),
  }));
}

async function write({ cluster, kind }: System): Promise<void> {
  if (kind === "etcd-grpc" && etcdLoad === undefined) return;
  const targets = [cluster.url(await cluster.leader())];
  figuresOf(await runLoad({ kind, targets, clients: 64, seconds: 0, puts: 1, count: 10_000 }));
}

/** All at the same time, because they are idle. */
async function observe(idlers: readonly Idler[], seconds: number): Promise<Figures[]> {
  const before = idlers.map(({ pid }) => usageOf(pid));
  await Bun.sleep(seconds * 1000);
  return idlers.map(({ pid, ...idler }, at) => {
    const [from, to] = [before[at] ?? usageOf(pid), usageOf(pid)];
    const ms = to.atMs - from.atMs;
    return {
      cpuPercent: (100 * (to.cpuMs - from.cpuMs)) / ms,
      wakeUpsPerSecond: (1000 * wakeUpsBetween(from, to)) / ms,
      residentMib: idler.residentMib,
      residentAfterLoadMib: residentMib(pid),
    };
  });
}
