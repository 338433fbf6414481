import { alternate, inClients, type Result, type Run, type Suite } from "../suite.ts";
import { DelayProxy } from "../systems/delay-proxy.ts";
import type { ClusterOptions } from "../systems/process-cluster.ts";
import { routesTo } from "./routes.ts";
import { contenders } from "./workloads.ts";

const straceIsHere = Bun.which("strace") !== null;

/** The delays of one measurement. */
interface Delays {
  readonly name: string;
  /** Added to each fdatasync and fsync, in ms. Only their callers wait. */
  readonly syncMs?: number;
  /** Added to each message between replicas in each direction, in ms. */
  readonly messageMs?: number;
}

const all: readonly Delays[] = [
  { name: "nothing added" },
  { name: "1 ms per sync", syncMs: 1 },
  { name: "5 ms per sync", syncMs: 5 },
  { name: "10 ms per message", messageMs: 10 },
];

export const delaysSuite: Suite = {
  name: "delays",
  about: "PUT with slower syncs or slower messages between replicas",
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
  const routes = await routesTo(disposables, { optionsOfEach: () => slowed(delays, disposables) });
  const short = { ...run, rounds: Math.min(run.rounds, 2), seconds: Math.min(run.seconds, 2) };
  const results: Result[] = [];
  for (const clients of [1, 64]) {
    const name = `${delays.name}, ${inClients(clients)}`;
    results.push(
      ...(await alternate(short, "delays", name, contenders(short, routes, { clients, puts: 1 }))),
    );
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

/** Run as a grandchild, so that the started process is the program itself. Only its syncs stop for strace. */
function straceDelaying(syncMs: number): readonly string[] {
  const syncs = "fdatasync,fsync";
  const delay = ["-e", `trace=${syncs}`, "-e", `inject=${syncs}:delay_exit=${syncMs * 1000}`];
  const strace = ["strace", "-D", "-f", "--seccomp-bpf", ...delay, "-o", "/dev/null"];
  // strace complains about threads that end.
  return ["sh", "-c", 'exec "$@" 2>/dev/null', "sh", ...strace];
}
