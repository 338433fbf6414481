import { expect, test } from "vitest";
import { replicaId } from "../../src/raft/index.ts";
import { Cluster } from "./cluster.ts";

const [n1, n2, n3] = [replicaId("n1"), replicaId("n2"), replicaId("n3")];

/** A cluster that elected a leader, committed a command everywhere, and then lost a follower's storage. */
function withWipedFollower(seed: number): { cluster: Cluster; wiped: typeof n1 } {
  const cluster = new Cluster(3, seed);
  cluster.propose(cluster.electLeader(), "precious");
  cluster.until(() => [...cluster.replicas.values()].every(({ applied }) => applied.length === 1), 1000);
  const wiped = cluster.ids.find((id) => id !== cluster.leader?.config.id) ?? n1;
  cluster.wipe(wiped);
  return { cluster, wiped };
}

test("a cluster forms once all of its replicas are up, and not before", () => {
  const cluster = new Cluster(3, 1);
  cluster.crash(n3);
  cluster.elapse(5000);
  expect(cluster.replica(n1).core.view()).toMatchObject({ role: "newcomer", currentTerm: 0 });
  expect(cluster.replica(n2).core.view()).toMatchObject({ role: "newcomer", currentTerm: 0 });
  cluster.start(n3);
  cluster.electLeader();
});

test("a replica of whom nobody ever heard joins late, when all others can be asked", () => {
  const cluster = new Cluster(3, 2);
  // It lets the others in, and is gone before it takes part itself.
  cluster.until(() => cluster.replica(n1).core.view().role === "follower", 1000);
  cluster.until(() => cluster.replica(n2).core.view().role === "follower", 1000);
  cluster.wipe(n3);
  cluster.propose(cluster.electLeader(), "without it");
  cluster.elapse(1000);
  cluster.start(n3);
  cluster.until(() => cluster.replica(n3).applied.length === 1, 2000);
});

test("§5.2, §5.4.1 a replica that lost its vote and its log is not let in again by those who counted on it", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { cluster, wiped } = withWipedFollower(seed);
    cluster.start(wiped);
    cluster.until(() => cluster.forgotten.has(wiped), 2000);
    cluster.elapse(2000);
    expect(cluster.leader?.applied, "the others go on").toEqual(["precious"]);
  }
});

test("a replica that lost its storage helps nobody to a leadership while the one who counted on it is away", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { cluster, wiped } = withWipedFollower(seed);
    const leader = cluster.leader?.config.id ?? n1;
    cluster.crash(leader);
    cluster.start(wiped);
    cluster.elapse(5000);
    expect(cluster.leader, "the one that remembers can't be asked").toBeUndefined();
    expect(cluster.replica(wiped).core.view().role).toBe("newcomer");
  }
});

test("a replica that has promised something before it crashed needs nobody's leave", () => {
  const cluster = new Cluster(3, 3);
  cluster.electLeader();
  cluster.elapse(500);
  for (const id of cluster.ids) cluster.crash(id);
  cluster.start(n1);
  cluster.start(n2);
  cluster.electLeader();
});
