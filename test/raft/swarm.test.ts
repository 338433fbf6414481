import { expect, test } from "vitest";
import { Cluster } from "./cluster.ts";

/** Random faults under load for a while, then a healed network: nothing is lost and everyone agrees. */
function run(seed: number): void {
  const size = 1 + (seed % 5);
  const cluster = new Cluster(size, seed, {
    maxAppendBytes: 64,
    snapshotChunkBytes: 48,
    retainedLogBytes: seed % 2 === 0 ? 1 : 200,
    maxApplyEntries: 7,
  });
  const pick = (n: number) => Math.floor(cluster.random() * n);
  const some = () => {
    const id = cluster.ids[pick(size)];
    if (id === undefined) throw new Error("no replica");
    return id;
  };
  const accepted = new Map<string, string>();
  let proposals = 0;
  for (let round = 0; round < 120; round++) {
    cluster.network.dropRate = pick(4) === 0 ? 0.2 : 0;
    cluster.network.delayMs = pick(6) === 0 ? [0, 80] : [0, 4];
    cluster.network.writeMs = pick(6) === 0 ? [0, 120] : [0, 3];
    const id = some();
    const replica = cluster.replicas.get(id);
    const event = pick(16);
    if (event === 0) cluster.crash(id);
    else if (event === 1) cluster.isolate(id);
    else if (event === 2) cluster.cut(id, some());
    else if (event === 3) cluster.heal();
    else if (event <= 5 && replica === undefined) cluster.start(id);
    else if (event <= 7 && replica !== undefined) cluster.snapshot(replica);
    else if (event <= 9 && replica !== undefined) cluster.read(replica, round);
    else {
      for (const target of cluster.replicas.values()) {
        const command = `c${proposals}`;
        const proposed = cluster.propose(target, command);
        if (proposed.type !== "accepted") continue;
        proposals++;
        accepted.set(command, `${proposed.index}@${proposed.term}`);
      }
    }
    cluster.elapse(pick(90));
  }
  heal(cluster);
  const logs = [...cluster.replicas.values()].map((replica) => replica.applied);
  for (const log of logs) {
    expect(log).toEqual(logs[0]);
    expect(new Set(log).size, "no command is applied twice").toBe(log.length);
    for (const command of log) expect(command === "last" || accepted.has(command)).toBe(true);
  }
  expect(logs[0]?.length).toBeGreaterThan(0);
}

function heal(cluster: Cluster): void {
  cluster.heal();
  Object.assign(cluster.network, { dropRate: 0, delayMs: [1, 2], writeMs: [1, 2] });
  for (const id of cluster.ids) if (!cluster.replicas.has(id)) cluster.start(id);
  cluster.elapse(2000);
  cluster.propose(cluster.electLeader(), "last");
  const allApplied = () =>
    [...cluster.replicas.values()].every((replica) => replica.applied.at(-1)?.startsWith("last"));
  cluster.until(allApplied, 10_000);
}

test("random faults lose nothing, repeat nothing, and leave all replicas equal", () => {
  for (let seed = 1; seed <= 200; seed++) {
    try {
      run(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
  }
});
