import { expect, test, vi } from "vitest";
import { Clerk, type KvServer, type ReadResult, type WriteResult } from "../../src/kvraft/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { StoreCluster } from "./store-cluster.ts";

const utf8 = new TextEncoder();

function append(clerk: Clerk, key: string, value: string): Promise<WriteResult> {
  const write = { type: "kvAppend", key: utf8.encode(key), value: utf8.encode(value) } as const;
  return new Promise((settle, fail) => clerk.submit(write, { settle, fail }));
}

function read(clerk: Clerk, key: string): Promise<ReadResult> {
  return new Promise((settle, fail) => clerk.read(utf8.encode(key), { settle, fail }));
}

/** A leader, and its clerk with a session that is open. */
async function leaderWithClerk(
  cluster: StoreCluster,
  options = {},
): Promise<{ readonly leader: KvServer; readonly clerk: Clerk }> {
  const leader = await cluster.electLeader();
  await cluster.clock.elapse(100);
  const clerk = leader.clerk(options);
  await cluster.within(clerk.put("warm", ""));
  return { leader, clerk };
}

test("at the leader, with an open session, nothing is asked by the ordinary way", async () => {
  await using cluster = await StoreCluster.start();
  const { leader, clerk } = await leaderWithClerk(cluster);
  const ordinary = vi.spyOn(leader, "call");
  expect(clerk.writesHere).toBe(true);
  const [first, second] = await cluster.within(
    Promise.all([append(clerk, "k", "a"), append(clerk, "k", "b")]),
  );
  expect([first?.type, second?.type]).toEqual(["written", "written"]);
  const value = { type: "value", value: utf8.encode("ab"), revision: expect.any(Number) };
  expect(await cluster.within(read(clerk, "k"))).toEqual(value);
  expect(await cluster.within(read(clerk, "none"))).toEqual({ type: "value", value: undefined, revision: 0 });
  expect(ordinary).not.toHaveBeenCalled();
});

test("elsewhere, and without a session, the ordinary way gives the same results", async () => {
  await using cluster = await StoreCluster.start();
  const leader = await cluster.electLeader();
  await cluster.clock.elapse(100);
  for (const server of cluster.servers.values()) {
    const clerk = server.clerk();
    expect(clerk.writesHere).toBe(false);
    expect(await cluster.within(append(clerk, "k", "x"))).toMatchObject({ type: "written" });
    expect(clerk.writesHere).toBe(server === leader);
    expect(await cluster.within(read(clerk, "k"))).toMatchObject({ type: "value" });
  }
  expect(await cluster.text(cluster.clerk(), "k")).toBe("xxx");
});

test("a value beyond the limit is refused, and the ticket is free again", async () => {
  await using cluster = await StoreCluster.start({ limits: { maxValueBytes: 4, maxPendingPerSession: 1 } });
  const { clerk } = await leaderWithClerk(cluster);
  const tooLarge = { type: "tooLarge", limitBytes: 4 };
  expect(await cluster.within(append(clerk, "k", "12345"))).toEqual(tooLarge);
  expect(await cluster.within(append(clerk, "k", "1234"))).toMatchObject({ type: "written" });
});

test("a write whose leader is deposed continues at the next leader with the same ticket: it takes effect once", async () => {
  await using cluster = await StoreCluster.start();
  const { leader, clerk } = await leaderWithClerk(cluster, { timeoutMs: 60_000 });
  const { id } = leader.raft.status();
  // It is replicated, but its leader gets no reply.
  for (const other of cluster.ids) if (other !== id) cluster.network.cut(other, id);
  const writes = ["1", "2", "3"].map((value) => append(clerk, "k", value));
  const reading = read(clerk, "warm");
  await cluster.clock.elapse(3000);
  expect(leader.raft.getState().isLeader).toBe(false);
  expect(clerk.writesHere).toBe(false);
  for (const other of cluster.ids) if (other !== id) cluster.network.heal(other, id);
  const results = await cluster.within(Promise.all(writes));
  expect(results.map(({ type }) => type)).toEqual(["written", "written", "written"]);
  expect(await cluster.within(reading)).toMatchObject({ type: "value", value: utf8.encode("") });
  const text = (await cluster.text(cluster.clerk(), "k")) ?? "";
  expect([...text].sort().join("")).toBe("123");
});

test("the time ends no sooner than requested and at most an eighth later; what comes after it is dropped", async () => {
  await using cluster = await StoreCluster.start();
  const { leader, clerk } = await leaderWithClerk(cluster, { timeoutMs: 400 });
  cluster.syncMs = 2000;
  const ended: number[] = [];
  const beganMs = cluster.clock.now();
  const settle = vi.fn(() => void ended.push(cluster.clock.now() - beganMs));
  const fail = vi.fn();
  const write = { type: "kvAppend", key: utf8.encode("k"), value: utf8.encode("x") } as const;
  clerk.submit(write, { settle, fail });
  await cluster.clock.elapse(10);
  cluster.network.disconnect(leader.raft.status().id);
  clerk.read(utf8.encode("k"), { settle, fail });
  await cluster.clock.elapse(3000);
  const none = { type: "unavailable", outcome: "none", reason: expect.any(String) };
  expect(settle.mock.calls).toEqual([[{ ...none, outcome: "unknown" }], [none]]);
  for (const ms of ended) {
    expect(ms).toBeGreaterThanOrEqual(400);
    expect(ms).toBeLessThanOrEqual(460);
  }
  cluster.network.reconnect(leader.raft.status().id);
  cluster.syncMs = 0;
  await cluster.clock.elapse(5000);
  expect(settle).toHaveBeenCalledTimes(2);
  expect(fail).not.toHaveBeenCalled();
  expect(await cluster.text(cluster.clerk(), "k")).toBe("x");
});

test("a call that continues by the ordinary way ends within the same time", async () => {
  await using cluster = await StoreCluster.start();
  const { leader, clerk } = await leaderWithClerk(cluster, { timeoutMs: 4000 });
  const beganMs = cluster.clock.now();
  for (const id of cluster.ids) cluster.network.disconnect(id);
  const writing = append(clerk, "k", "x");
  const reading = read(clerk, "k");
  await cluster.clock.elapse(2000);
  expect(leader.raft.getState().isLeader, "so both calls look for another leader").toBe(false);
  expect(await cluster.within(writing)).toEqual({
    type: "unavailable",
    outcome: "unknown",
    reason: "noLeader",
  });
  expect(await cluster.within(reading)).toEqual({ type: "unavailable", outcome: "none", reason: "noLeader" });
  const tookMs = cluster.clock.now() - beganMs;
  expect(tookMs).toBeGreaterThanOrEqual(4000);
  expect(tookMs).toBeLessThanOrEqual(4250);
});

test("a session that the store has ended is replaced, and the write's outcome is unknown as by the ordinary way", async () => {
  await using cluster = await StoreCluster.start({
    limits: { sessionTtlMs: 1000, maxSessions: 1, sessionInUseMs: 1 },
  });
  const { leader, clerk } = await leaderWithClerk(cluster);
  await cluster.clock.elapse(2000);
  await cluster.within(leader.clerk().put("other", ""));
  const expired = { type: "unavailable", outcome: "unknown", reason: "sessionExpired" };
  expect(await cluster.within(append(clerk, "k", "x"))).toEqual(expired);
  expect(await cluster.within(append(clerk, "k", "y"))).toMatchObject({ type: "written" });
});

test("3000 at once are all made, each once, though a session holds fewer", async () => {
  await using cluster = await StoreCluster.start();
  const { clerk } = await leaderWithClerk(cluster);
  const writes = Array.from({ length: 3000 }, () => append(clerk, "k", "x"));
  const results = await cluster.within(Promise.all(writes));
  expect(results.filter(({ type }) => type === "written").length).toBe(3000);
  expect((await cluster.text(clerk, "k"))?.length).toBe(3000);
});

test("a replica that stops answers what waits, and what comes later", async () => {
  await using cluster = await StoreCluster.start({ replicas: 1 });
  const { leader, clerk } = await leaderWithClerk(cluster, { timeoutMs: 1000 });
  cluster.syncMs = 500;
  const before = [append(clerk, "k", "x"), read(clerk, "k")];
  await cluster.kill(leader.raft.status().id);
  const after = [append(clerk, "k", "y"), read(clerk, "k")];
  for (const call of [...before, ...after]) {
    expect(await cluster.within<WriteResult | ReadResult>(call)).toMatchObject({ type: "unavailable" });
  }
});

test("a store that is not the clerk's replica is misuse", () => {
  const call = () => Promise.reject();
  const here = { id: replicaId("n2"), leads: () => true, read: () => {}, write: () => {} };
  expect(() => new Clerk({ replicas: [replicaId("n1")], call, local: replicaId("n1") }, here)).toThrow(
    "here",
  );
});
