import { etcdClientIsHere } from "../load/etcd-client.ts";
import { type LoadKind, runLoad } from "../load/load.ts";
import { alternate, type Contender, type Figures, type Result, type Run, type Suite } from "../suite.ts";
import { DelayProxy } from "../systems/delay-proxy.ts";
import { Cluster } from "../systems/durio.ts";
import { EtcdCluster, etcdIsHere } from "../systems/etcd.ts";
import type { ClusterOptions, ProcessCluster } from "../systems/process-cluster.ts";

const straceIsHere = Bun.which("strace") !== null;

/** What is made slower. */
interface Delays {
  readonly name: string;
  /** Added to each fdatasync and fsync; whoever does not wait for it goes on. */
  readonly syncMs?: number;
  /** Added to each message between replicas, either way. */
  readonly messageMs?: number;
}

const all: readonly Delays[] = [
  { name: "nothing added" },
  { name: "1 ms per sync", syncMs: 1 },
  { name: "5 ms per sync", syncMs: 5 },
  { name: "10 ms per message", messageMs: 10 },
];

export const delays: Suite = {
  name: "delays",
  about: "PUT where syncs, or messages between replicas, take longer",
  async run(run: Run): Promise<readonly Result[]> {
    if (!straceIsHere) run.progress("delays: without strace no sync can be delayed");
    const results: Result[] = [];
    for (const delays of run.quick ? all.slice(2) : all) {
      if (delays.syncMs === undefined || straceIsHere) results.push(...(await measureWith(delays, run)));
    }
    return results;
  },
};

async function measureWith(delays: Delays, run: Run): Promise<Result[]> {
  await using disposables = new AsyncDisposableStack();
  const durio = disposables.use(await Cluster.start(3, slowed(delays, disposables)));
  const etcd =
    etcdIsHere && etcdClientIsHere
      ? disposables.use(await EtcdCluster.start(3, slowed(delays, disposables)))
      : undefined;
  const short = { ...run, rounds: Math.min(run.rounds, 2), seconds: Math.min(run.seconds, 2) };
  const results: Result[] = [];
  for (const clients of [1, 64]) {
    const contenders = [contender("durio", durio, "durio", clients, short)];
    if (etcd !== undefined) contenders.push(contender("etcd, gRPC", etcd, "etcd-grpc", clients, short));
    const name = `${delays.name}, ${clients} client${clients === 1 ? "" : "s"}`;
    results.push(...(await alternate(short, "delays", name, contenders)));
  }
  return results;
}

function slowed({ syncMs, messageMs }: Delays, disposables: AsyncDisposableStack): ClusterOptions {
  return {
    ...(syncMs === undefined ? {} : { around: straceDelaying(syncMs) }),
    ...(messageMs === undefined
      ? {}
      : { peersVia: (peers) => disposables.use(new DelayProxy(messageMs)).before(peers) }),
  };
}

/** As a grandchild, so that the process that is started is the program; only the syncs stop for it. */
function straceDelaying(syncMs: number): readonly string[] {
  const syncs = "fdatasync,fsync";
  const delay = ["-e", `trace=${syncs}`, "-e", `inject=${syncs}:delay_exit=${syncMs * 1000}`];
  const strace = ["strace", "-D", "-f", "--seccomp-bpf", ...delay, "-o", "/dev/null"];
  // Of threads that end meanwhile, strace complains.
  return ["sh", "-c", 'exec "$@" 2>/dev/null', "sh", ...strace];
}

function contender(
  name: string,
  cluster: ProcessCluster,
  kind: LoadKind,
  clients: number,
  { seconds }: Run,
): Contender {
  return {
    name,
    async measure(): Promise<Figures> {
      const targets = [cluster.url(await cluster.leader())];
      const report = await runLoad({ kind, targets, clients, seconds, puts: 1 });
      if (report.failed > 0) throw new Error(`${name}: ${report.failed} failed, such as ${report.failure}`);
      const { p50Ms, p95Ms, p99Ms, p999Ms } = report;
      return { perSecond: report.count / report.seconds, p50Ms, p95Ms, p99Ms, p999Ms };
    },
  };
}
