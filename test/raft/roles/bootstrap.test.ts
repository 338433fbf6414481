import { expect, test } from "vitest";
import { emptyState } from "../../../src/raft/index.ts";
import { Cluster } from "../cluster.ts";
import { appendEntries, n1, n2, n3, stateOf } from "../inputs.ts";
import { OneCore, type Sent, withEntries } from "../one-core.ts";

function first(sent: readonly Sent[]): Sent {
  const [one] = sent;
  if (one === undefined) throw new Error("nothing was sent");
  return one;
}

/** A cluster that elected a leader, committed a command everywhere, and then lost a replica's storage. */
function withWiped(which: "leader" | "follower", seed: number): { cluster: Cluster; wiped: typeof n1 } {
  const cluster = new Cluster(3, seed);
  cluster.propose(cluster.electLeader(), "precious");
  cluster.until(() => [...cluster.replicas.values()].every(({ applied }) => applied.length === 1), 1000);
  const leader = cluster.leader?.config.id;
  const wiped = cluster.ids.find((id) => (id === leader) === (which === "leader")) ?? n1;
  cluster.wipe(wiped);
  return { cluster, wiped };
}

test("a cluster forms once all its replicas are up, and not before", () => {
  const cluster = new Cluster(3, 1);
  cluster.crash(n3);
  cluster.elapse(5000);
  expect(cluster.replica(n1).core.view()).toMatchObject({ role: "bootstrapping", currentTerm: 0 });
  expect(cluster.replica(n2).core.view()).toMatchObject({ role: "bootstrapping", currentTerm: 0 });
  cluster.start(n3);
  cluster.electLeader();
});

test("a replica that no peer has counted joins late, once all others reply", () => {
  const cluster = new Cluster(3, 2);
  // It confirms that the others have empty storage, and is lost before it completes its own bootstrap.
  cluster.until(() => cluster.replica(n1).core.view().role === "follower", 1000);
  cluster.until(() => cluster.replica(n2).core.view().role === "follower", 1000);
  cluster.wipe(n3);
  cluster.propose(cluster.electLeader(), "without it");
  cluster.elapse(1000);
  cluster.start(n3);
  cluster.until(() => cluster.replica(n3).applied.length === 1, 2000);
});

test.each(["leader", "follower"] as const)(
  "§5.2, §5.4.1 a %s that lost its vote and its log takes no part again",
  (which) => {
    for (let seed = 1; seed <= 20; seed++) {
      const { cluster, wiped } = withWiped(which, seed);
      cluster.start(wiped);
      cluster.until(() => cluster.storageLost.has(wiped), 2000);
      expect(cluster.electLeader().applied, "the others go on").toEqual(["precious"]);
    }
  },
);

test("a replica that lost its storage elects no leader while the peer that counted it is away", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { cluster, wiped } = withWiped("follower", seed);
    const leader = cluster.leader?.config.id ?? n1;
    cluster.crash(leader);
    cluster.start(wiped);
    cluster.elapse(5000);
    expect(cluster.leader, "the one that remembers can't be asked").toBeUndefined();
    expect(cluster.replica(wiped).core.view().role).toBe("bootstrapping");
  }
});

test("a replica with stored promises starts without a bootstrap check", () => {
  const cluster = new Cluster(3, 3);
  cluster.electLeader();
  cluster.elapse(500);
  for (const id of cluster.ids) cluster.crash(id);
  cluster.start(n1);
  cluster.start(n2);
  cluster.electLeader();
});

test("a leader that lost its disk can't help to lose entries that it committed with a peer that is away", () => {
  // Found by a review: only replicas that counted a promise recorded it, and only a leader counts its own.
  for (let seed = 1; seed <= 20; seed++) {
    const cluster = new Cluster(3, seed);
    const leader = cluster.electLeader().config.id;
    const [holder = n1, behind = n2] = cluster.ids.filter((id) => id !== leader);
    cluster.isolate(behind);
    cluster.propose(cluster.replica(leader), "precious");
    cluster.until(() => cluster.replica(leader).applied.length === 1, 1000);
    cluster.wipe(leader);
    cluster.crash(holder);
    cluster.heal();
    cluster.start(leader);
    cluster.elapse(3000);
    expect(cluster.leader, "two that don't know of it must not go on").toBeUndefined();
    cluster.start(holder);
    cluster.until(() => cluster.storageLost.has(leader), 3000);
    expect(cluster.electLeader().applied).toEqual(["precious"]);
  }
});

test("with volatile storage, a replica that restarts empty gets the log again", () => {
  const cluster = new Cluster(3, 4, { volatileStorage: true });
  const leader = cluster.electLeader();
  cluster.propose(leader, "a");
  cluster.elapse(500);
  const follower = cluster.ids.find((id) => id !== leader.config.id) ?? n1;
  cluster.wipe(follower);
  cluster.start(follower);
  cluster.elapse(1000);
  cluster.propose(cluster.electLeader(), "b");
  cluster.until(() => cluster.replica(follower).applied.join() === "a,b", 3000);
});

const unknownToAll = (log: string) => {
  const state = stateOf({ term: 1, log });
  return { ...state, hardState: { ...state.hardState, countedPeers: [] } };
};

test("a follower records its leader before it acknowledges, because the leader's copy counts beside its own", () => {
  const core = new OneCore({ restored: unknownToAll("1@1") });
  core.slowDisk = true;
  const heartbeat = core.call(n2, appendEntries(n2, { term: 1, prev: "1@1" }));
  expect(core.replyTo(heartbeat), "not before the note is durable").toBeUndefined();
  core.completeWrite();
  expect(core.replyTo(heartbeat)).toMatchObject({ success: true });
  const question = { type: "bootstrapCheck", term: 0, replicaId: n2, round: 1 } as const;
  expect(core.ask(n2, question)).toMatchObject({ countedPeers: [n2] });
});

test("an acknowledgement in flight when its sender lost its storage is not counted", () => {
  const core = new OneCore({ restored: unknownToAll("1@1") });
  const grant = (from: typeof n2) => {
    const [asked] = core.takeSent(from);
    if (asked === undefined) throw new Error(`${from} was not asked`);
    core.answer(asked, { type: "requestVote", term: 1, voteGranted: true });
  };
  core.elapse(core.replica.core.deadline());
  grant(n3);
  grant(n3);
  const [probe] = withEntries(core.takeSent(n2));
  if (probe === undefined) throw new Error("nothing was sent to n2");
  core.ask(n2, { type: "bootstrapCheck", term: 0, replicaId: n2, round: 1 });
  core.accept(probe);
  expect(core.view.commitIndex).toBe(0);
});

test("the refusal of a probe in flight when a peer started afresh proves no loss", () => {
  // Found by the simulator (full, seed 2056883642): the peer was kept out, though it had acknowledged nothing.
  const core = new OneCore({ restored: unknownToAll("1@1") });
  core.elapse(core.replica.core.deadline());
  for (let round = 0; round < 2; round++) {
    const [asked] = core.takeSent(n3);
    if (asked === undefined) throw new Error("n3 was not asked");
    core.answer(asked, { type: "requestVote", term: 1, voteGranted: true });
  }
  const question = { type: "bootstrapCheck", term: 0, replicaId: n2, round: 1 } as const;
  core.ask(n2, question);
  const isProbe = ({ request }: Sent) =>
    request.type === "appendEntries" && request.entries.length === 0 && request.prevLogIndex > 0;
  const probe = first(core.takeSent(n2).filter(isProbe));
  // The network repeats the request.
  core.ask(n2, question);
  core.reject(probe, { index: 0, term: 0 });
  expect(core.view.peers.find(({ id }) => id === n2)).toMatchObject({ lostAcknowledged: false });
  core.ask(n2, question);
  expect(core.view.role).toBe("leader");
});

test("a vote in flight when its voter lost its storage is not counted", () => {
  const core = new OneCore({ restored: unknownToAll("1@1") });
  const grant = () => {
    const [asked] = core.takeSent(n2);
    if (asked === undefined) throw new Error("n2 was not asked");
    core.answer(asked, { type: "requestVote", term: 1, voteGranted: true });
  };
  core.elapse(core.replica.core.deadline());
  grant();
  core.ask(n2, { type: "bootstrapCheck", term: 0, replicaId: n2, round: 1 });
  grant();
  expect(core.view.role).toBe("candidate");
});

test.each(["before", "after"] as const)(
  "a peer whose answer came %s that of another that is bootstrapping, but was asked before, is asked once more",
  (arrives) => {
    const core = new OneCore({ restored: emptyState });
    const asked = (peer: typeof n2) => {
      core.elapse(core.replica.core.deadline() - core.now);
      const last = core.takeSent(peer).at(-1);
      if (last === undefined) throw new Error(`${peer} was not asked`);
      return last;
    };
    const answers = [
      () => core.answer(early, { type: "bootstrapCheck", term: 0, countedPeers: [] }),
      () => core.answer(question, { type: "bootstrapCheck", term: 0, countedPeers: undefined }),
    ];
    const early = asked(n2);
    const question = asked(n3);
    for (const answer of arrives === "before" ? answers : answers.reverse()) answer();
    expect(core.view.role, "n3 may have lost what n2 did not know of yet").toBe("bootstrapping");
    core.answer(asked(n2), { type: "bootstrapCheck", term: 1, countedPeers: [n3] });
    expect(core.view.role, "n2 gave n3 something to count beside a promise of n1").toBe("bootstrapping");
    core.answer(asked(n3), { type: "bootstrapCheck", term: 1, countedPeers: [n2] });
    expect(core.view.role, "n3 has its memory back, and does not name n1").toBe("follower");
  },
);

test("a late reply counts, and meanwhile no peer is called much more often", () => {
  // Five replicas that started at once on a busy machine answered later than an election timeout, and never met.
  const core = new OneCore({ restored: emptyState });
  core.elapse(core.replica.core.deadline() - core.now);
  const [first] = core.takeSent(n2);
  const [other] = core.takeSent(n3);
  if (first === undefined || other === undefined) throw new Error("nobody was asked");
  for (const endMs = core.now + 3000; core.now < endMs; )
    core.elapse(core.replica.core.deadline() - core.now);
  expect(core.takeSent(n2).length).toBeLessThan(12);
  core.answer(first, { type: "bootstrapCheck", term: 0, countedPeers: [] });
  core.answer(other, { type: "bootstrapCheck", term: 0, countedPeers: [] });
  expect(core.view.role).toBe("follower");
});
