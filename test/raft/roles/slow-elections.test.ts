import { describe, expect, test } from "vitest";
import { defaultTuning, type RaftTuning } from "../../../src/raft/index.ts";
import { Cluster, type Network } from "../cluster.ts";
import { OneCore } from "../one-core.ts";

/** Elections at the default timeouts with slow votes, because of slow disks or slow links. All in virtual time. */

const RUNS = 20;

interface World {
  readonly size?: number;
  readonly delayMs?: Network["delayMs"];
  readonly writeMs?: Network["writeMs"];
  readonly tuning?: Partial<RaftTuning>;
}

function clusterIn(
  { size = 3, delayMs = [1, 3], writeMs = [1, 2], tuning = {} }: World,
  seed: number,
): Cluster {
  const cluster = new Cluster(size, seed, tuning);
  // As long as a replica waits for the reply to a request for a vote.
  Object.assign(cluster.network, { delayMs, writeMs, callMs: defaultTuning.electionTimeoutMinMs });
  return cluster;
}

const highestTerm = (cluster: Cluster) =>
  Math.max(...[...cluster.replicas.values()].map(({ core }) => core.view().currentTerm));

const hasCommitted = ({ leader }: Cluster) => {
  const view = leader?.core.view();
  return view?.leadershipIndex !== undefined && view.commitIndex >= view.leadershipIndex;
};

/** The time until there is a leader, and the number of terms used. */
interface Election {
  readonly ms: number;
  readonly terms: number;
}

function firstElection(cluster: Cluster, withinMs: number): Election {
  cluster.until(() => cluster.leader !== undefined, withinMs);
  return { ms: cluster.now, terms: highestTerm(cluster) };
}

/** The leader crashes when all is quiet. */
function nextElection(cluster: Cluster, withinMs: number): Election {
  cluster.until(() => hasCommitted(cluster), 60_000);
  cluster.elapse(5 * cluster.network.writeMs[1] + 1000);
  const before = { ms: cluster.now, terms: highestTerm(cluster) };
  if (cluster.leader === undefined) throw new Error("a leader was lost in a time of quiet");
  cluster.crash(cluster.leader.config.id);
  cluster.until(() => cluster.leader !== undefined, withinMs);
  return { ms: cluster.now - before.ms, terms: highestTerm(cluster) - before.terms };
}

function runs(world: World, elect: typeof firstElection, withinMs = 60_000): Election[] {
  return Array.from({ length: RUNS }, (_, n) => elect(clusterIn(world, 7919 * (n + 1)), withinMs));
}

const median = (elections: readonly Election[]) =>
  elections.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(elections.length / 2)] ?? 0;
const worst = (elections: readonly Election[], of: keyof Election = "ms") =>
  Math.max(...elections.map((election) => election[of]));

describe("§5.2 rivals rarely split the votes, even if a vote takes long", () => {
  const { electionTimeoutMinMs } = defaultTuning;
  test.each<{ name: string; world: World; roundMs: number }>([
    { name: "syncs of 100 ms", world: { writeMs: [100, 100] }, roundMs: 200 },
    { name: "syncs of 200 ms", world: { writeMs: [200, 200] }, roundMs: 400 },
    { name: "syncs of 100 to 300 ms", world: { writeMs: [100, 300] }, roundMs: 600 },
    { name: "links of 50 ms each way", world: { delayMs: [50, 50] }, roundMs: 200 },
    { name: "syncs of 200 ms, among five", world: { size: 5, writeMs: [200, 200] }, roundMs: 400 },
    { name: "links of 50 ms each way, among five", world: { size: 5, delayMs: [50, 50] }, roundMs: 200 },
  ])("$name: near the shortest timeout and one round of votes", ({ world, roundMs }) => {
    const idealMs = electionTimeoutMinMs + roundMs;
    // The first vote of a peer is recorded before it counts: one more write with three replicas, two with five.
    const notesMs = (world.size ?? 3) > 3 ? (world.writeMs?.[1] ?? 0) : 0;
    for (const elect of [firstElection, nextElection]) {
      const elections = runs(world, elect);
      expect(median(elections)).toBeLessThan(1.5 * idealMs + notesMs);
      expect(worst(elections)).toBeLessThan(3 * idealMs);
      expect(worst(elections, "terms")).toBeLessThanOrEqual(3);
    }
  });

  test("fast disks and links: within the election timeout, in one term", () => {
    const elections = [...runs({}, firstElection), ...runs({}, nextElection)];
    expect(median(elections)).toBeLessThan(1.25 * electionTimeoutMinMs);
    expect(worst(elections)).toBeLessThan(defaultTuning.electionTimeoutMaxMs);
    expect(worst(elections, "terms")).toBe(1);
  });
});

describe("a leader is elected and stays, though a write takes longer than an election timeout", () => {
  test.each<{ name: string; world: World; withinMs: number }>([
    { name: "400 ms", world: { writeMs: [400, 400] }, withinMs: 3500 },
    { name: "1 s", world: { writeMs: [1000, 1000] }, withinMs: 8400 },
    { name: "0.6 to 1.4 s", world: { writeMs: [600, 1400] }, withinMs: 10_000 },
    { name: "1 s, among five", world: { size: 5, writeMs: [1000, 1000] }, withinMs: 10_000 },
    { name: "2 s", world: { writeMs: [2000, 2000] }, withinMs: 15_000 },
    { name: "5 s", world: { writeMs: [5000, 5000] }, withinMs: 40_000 },
  ])("$name", ({ world, withinMs }) => {
    for (let n = 1; n <= 10; n++) {
      const cluster = clusterIn(world, 7919 * n);
      expect(firstElection(cluster, withinMs).terms).toBeLessThanOrEqual(3);
      const term = highestTerm(cluster);
      cluster.until(() => hasCommitted(cluster), withinMs);
      const leader = cluster.leader;
      for (let write = 0; write < 10; write++) {
        if (leader === undefined) break;
        cluster.propose(leader, `${write}`);
        cluster.elapse(withinMs / 4);
      }
      expect(highestTerm(cluster), `seed ${n}`).toBe(term);
      expect(leader?.applied.length).toBeGreaterThan(0);
    }
  });

  test("one slow disk of three delays no election", () => {
    for (let n = 1; n <= 10; n++) {
      const cluster = clusterIn({}, 7919 * n);
      const slow = cluster.ids[n % 3];
      cluster.network.writeMsOf = (id) => (id === slow ? [5000, 5000] : [1, 2]);
      expect(firstElection(cluster, 2000).terms).toBeLessThanOrEqual(2);
    }
  });
});

test("§5.2 the newest vote determines the patience with others, even if the candidate's own waited behind a slow write", () => {
  const core = new OneCore({ voters: 5 });
  const reply = (term: number, voteGranted: boolean) => ({ type: "requestVote", term, voteGranted }) as const;
  core.slowDisk = true;
  core.elapse(defaultTuning.electionTimeoutMinMs);
  const [first, second] = core.takeSent();
  if (first === undefined || second === undefined) throw new Error("no campaign");
  core.answer(first, reply(1, true));
  core.answer(second, reply(1, true));
  core.elapse(4000);
  core.completeWrite();
  core.slowDisk = false;
  const [quick, rival] = core.takeSent();
  if (quick === undefined || rival === undefined) throw new Error("no votes were asked for");
  core.elapse(1);
  core.answer(quick, reply(2, true));
  core.answer(rival, reply(2, false));
  core.elapse(7998);
  expect(core.view, "another disk may be as slow, and busy at first").toMatchObject({ role: "candidate" });
  core.elapse(defaultTuning.electionTimeoutMaxMs);
  expect(core.view, "waits once more, as long as the quick vote took").toMatchObject({
    role: "preCandidate",
  });
});
