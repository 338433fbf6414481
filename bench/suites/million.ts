import { runLoad } from "../load/load.ts";
import { recordSnapshot } from "../million/snapshot.ts";
import { alternate, type Figures, inWords, type Result, type Run, type Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { EtcdCluster } from "../systems/etcd.ts";
import { type EtcdProgram, etcdLoad, etcdPrograms } from "../systems/etcd-programs.ts";
import type { ProcessCluster } from "../systems/process-cluster.ts";
import { peakResidentMib, residentMib } from "../systems/process-figures.ts";
import { restart, start } from "./restarts.ts";
import { contenders, figuresOf } from "./workloads.ts";

/** Chosen so that snapshots are taken while a million keys are filled in, and another one soon after. */
const COMPACT_MIB_PER_MILLION = 52;

/** Time in ms without requests, after which memory is measured again. */
const REST_MS = 20_000;

const filling = { clients: 256, seconds: 0, puts: 1 } as const;

export const millionSuite: Suite = {
  name: "million",
  about: "three replicas with a million keys of 100 B (100,000 if quick): speed, snapshots, memory, restart",
  async run(run: Run): Promise<readonly Result[]> {
    const keys = run.quick ? 100_000 : 1_000_000;
    await using many = await Cluster.start(3, {
      flags: ["--compact-log-mib", String(Math.round((COMPACT_MIB_PER_MILLION * keys) / 1_000_000))],
    });
    const results = [
      ...(await fillAndCatchUp(many, keys, run)),
      ...(await compareSpeed(many, keys, run)),
      ...(await snapshot(many, keys, run)),
      resultOf(run, "memory, after all that", await residentNow(many)),
    ];
    const restarts = [restart("durio", many)];
    await using etcds = new AsyncDisposableStack();
    for (const program of etcdsFor(run)) {
      const etcd = etcds.use(await EtcdCluster.start(program, 3));
      const filled = await fill(run, etcd, { kind: "etcd-grpc", keys });
      results.push(resultOf(run, "filling, 256 clients", filled, `${program.name}, gRPC`));
      restarts.push(restart(program.name, etcd));
    }
    return [...results, ...(await alternate(run, "million", "restart, from a snapshot", restarts))];
  },
};

/** A million keys take etcd minutes, so all versions are filled only if the suite is chosen. */
function etcdsFor(run: Run): readonly EtcdProgram[] {
  if (etcdLoad === undefined) return [];
  return run.isChosen ? etcdPrograms : etcdPrograms.slice(-1);
}

/** A replica that was down while everything was written has no data, like an empty one. */
async function fillAndCatchUp(many: Cluster, keys: number, run: Run): Promise<Result[]> {
  const leader = await many.leader();
  const absent = many.ids.find((id) => id !== leader) ?? leader;
  await many.kill(absent);
  return [
    resultOf(run, "filling, 256 clients", await fill(run, many, { kind: "durio", keys })),
    resultOf(run, "catch-up, by a snapshot", await start(many, absent)),
  ];
}

/** Writes each key once. Returns also the leader's memory: the largest meanwhile, and after a rest without requests. */
async function fill(
  run: Run,
  cluster: ProcessCluster,
  what: { readonly kind: "durio" | "etcd-grpc"; readonly keys: number },
): Promise<Figures> {
  const leader = await cluster.leader();
  const pid = cluster.pid(leader);
  const emptyMib = residentMib(pid);
  const load = { ...filling, ...what, targets: [cluster.url(leader)], count: what.keys };
  const filled = figuresOf(await runLoad(load));
  const peakMib = peakResidentMib(pid);
  await Bun.sleep(run.quick ? 5000 : REST_MS);
  const restedMib = residentMib(pid);
  return { ...filled, peakMib, restedMib, bytesPerKey: ((restedMib - emptyMib) * 2 ** 20) / what.keys };
}

async function compareSpeed(many: Cluster, keys: number, run: Run): Promise<Result[]> {
  await using few = await Cluster.start(3);
  await runLoad({
    ...filling,
    kind: "durio",
    targets: [few.url(await few.leader())],
    keys: 1,
    count: keys / 10,
  });
  const results: Result[] = [];
  for (const [what, puts] of [["PUT", 1] as const, ["GET", 0] as const]) {
    const asking = (name: string, cluster: Cluster, keys: number) =>
      contenders(run, [{ name, cluster, kind: "durio", to: "leader" }], { clients: 64, puts, keys });
    const both = [...asking("one key", few, 1), ...asking("all keys", many, keys)];
    for (const { contender, rounds } of await alternate(run, "million", what, both)) {
      results.push({ suite: "million", case: `${what}, ${contender}`, contender: "durio", rounds });
    }
  }
  return results;
}

async function snapshot(many: Cluster, keys: number, run: Run): Promise<Result[]> {
  const { snapshotMs, before, during } = await recordSnapshot(many, keys);
  return [
    resultOf(run, "PUT, 64 clients and 8 that GET", before.put),
    resultOf(run, "PUT, during a snapshot", during.put),
    resultOf(run, "GET, 8 clients and 64 that PUT", before.get),
    resultOf(run, "GET, during a snapshot", during.get),
    resultOf(run, "snapshot", {
      longestStallMs: during.longestStallMs,
      longestStallBeforeMs: before.longestStallMs,
      snapshotMs,
    }),
  ];
}

async function residentNow(cluster: ProcessCluster): Promise<Figures> {
  const [leaderMib = 0, followerMib = 0] = [await cluster.leader(), await cluster.follower()].map((id) =>
    residentMib(cluster.pid(id)),
  );
  return { residentMib: leaderMib, followerResidentMib: followerMib };
}

function resultOf(run: Run, name: string, figures: Figures, contender = "durio"): Result {
  run.progress(`million: ${name}, ${contender}: ${inWords(figures)}`);
  return { suite: "million", case: name, contender, rounds: [figures] };
}
