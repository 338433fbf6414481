import { etcdClientIsHere } from "../load/etcd-client.ts";
import { runLoad } from "../load/load.ts";
import { recordSnapshot } from "../million/snapshot.ts";
import { alternate, type Figures, inWords, type Result, type Run, type Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { EtcdCluster, etcdIsHere } from "../systems/etcd.ts";
import type { ProcessCluster } from "../systems/process-cluster.ts";
import { residentMib } from "../systems/process-figures.ts";
import { restart, start } from "./restarts.ts";
import { contenders, figuresOf } from "./workloads.ts";

/** Chosen so that snapshots are taken while a million keys are filled in, and another one soon after. */
const COMPACT_MIB_PER_MILLION = 52;

const filling = { kind: "durio", clients: 256, seconds: 0, puts: 1 } as const;

export const millionSuite: Suite = {
  name: "million",
  about: "three replicas with a million keys of 100 B (100,000 if quick): speed, snapshots, memory, restart",
  async run(run: Run): Promise<readonly Result[]> {
    const keys = run.quick ? 100_000 : 1_000_000;
    await using many = await Cluster.start(3, {
      flags: ["--compact-log-mib", String(Math.round((COMPACT_MIB_PER_MILLION * keys) / 1_000_000))],
    });
    const emptyMib = residentMib(many.pid(await many.leader()));
    const results = [
      ...(await fillAndCatchUp(many, keys, run)),
      ...(await compareSpeed(many, keys, run)),
      ...(await snapshot(many, keys, run)),
      resultOf(run, "memory", await memory(many, keys, emptyMib)),
    ];
    const restarts = [restart("durio", many)];
    await using etcd = etcdIsHere && etcdClientIsHere ? await EtcdCluster.start(3) : undefined;
    if (etcd !== undefined) {
      results.push(resultOf(run, "memory", await fillEtcd(etcd, keys), "etcd"));
      restarts.push(restart("etcd", etcd));
    }
    return [...results, ...(await alternate(run, "million", "restart, from a snapshot", restarts))];
  },
};

/** A replica that was down while everything was written has no data, like an empty one. */
async function fillAndCatchUp(many: Cluster, keys: number, run: Run): Promise<Result[]> {
  const absent = await many.follower();
  await many.kill(absent);
  const targets = [many.url(await many.leader())];
  const filled = figuresOf(await runLoad({ ...filling, targets, keys, count: keys }));
  return [
    resultOf(run, "filling, 256 clients, two replicas", filled),
    resultOf(run, "catch-up, by a snapshot", await start(many, absent)),
  ];
}

async function compareSpeed(many: Cluster, keys: number, run: Run): Promise<Result[]> {
  await using few = await Cluster.start(3);
  await runLoad({ ...filling, targets: [few.url(await few.leader())], keys: 1, count: keys / 10 });
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

/** @returns its memory */
async function fillEtcd(etcd: EtcdCluster, keys: number): Promise<Figures> {
  const leader = await etcd.leader();
  const emptyMib = residentMib(etcd.pid(leader));
  figuresOf(await runLoad({ ...filling, kind: "etcd-grpc", targets: [etcd.url(leader)], keys, count: keys }));
  return await memory(etcd, keys, emptyMib);
}

async function memory(cluster: ProcessCluster, keys: number, emptyMib: number): Promise<Figures> {
  const [leaderMib, followerMib] = [await cluster.leader(), await cluster.follower()].map((id) =>
    residentMib(cluster.pid(id)),
  );
  const perKey = (mib = 0) => ((mib - emptyMib) * 2 ** 20) / keys;
  return {
    residentMib: leaderMib ?? 0,
    followerResidentMib: followerMib ?? 0,
    bytesPerKey: perKey(leaderMib),
  };
}

function resultOf(run: Run, name: string, figures: Figures, contender = "durio"): Result {
  run.progress(`million: ${name}, ${contender}: ${inWords(figures)}`);
  return { suite: "million", case: name, contender, rounds: [figures] };
}
