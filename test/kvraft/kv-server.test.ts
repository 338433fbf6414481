import { expect, test } from "vitest";
import { replicaId } from "../../src/raft/index.ts";
import { StoreCluster } from "./store-cluster.ts";

test("a restart of all replicas keeps the data, and the sessions", async () => {
  await using cluster = await StoreCluster.start();
  const clerk = cluster.clerk();
  await cluster.within(clerk.put("k", "a"));
  const ticket = cluster.calls.findLast(({ request }) => request.type === "kvPut")?.request;
  for (const id of cluster.ids) await cluster.kill(id);
  for (const id of cluster.ids) await cluster.startServer(id);
  expect(await cluster.text(clerk, "k")).toBe("a");
  const leader = await cluster.electLeader();
  await cluster.within(clerk.append("k", "b"));
  if (ticket === undefined) throw new Error("no put was sent");
  const { signal } = new AbortController();
  const repeated = await cluster.within(leader.handle(ticket, signal, replicaId("client")));
  expect(repeated.type, "done before: answered from the session, or forgotten, but not done again").toMatch(
    /written|sessionExpired/,
  );
  expect(await cluster.text(clerk, "k")).toBe("ab");
});

test("a replica that was away while the others compacted has all keys, and can lead", async () => {
  await using cluster = await StoreCluster.start({
    tuning: { retainedLogBytes: 1, snapshotChunkBytes: 500 },
  });
  const clerk = cluster.clerk({ timeoutMs: 20_000 });
  await cluster.within(clerk.put("k0", "v0"));
  await cluster.clock.elapse(100);
  const leader = await cluster.electLeader();
  const [away] = cluster.ids.filter((id) => id !== leader.raft.status().id);
  if (away === undefined) throw new Error("no follower");
  await cluster.kill(away);
  for (let n = 1; n < 50; n++) await cluster.within(clerk.put(`k${n}`, `v${n}`));
  await cluster.clock.settled(leader.raft.requestSnapshot());
  await cluster.within(clerk.put("last", "v"));

  const back = await cluster.startServer(away);
  await cluster.clock.until(() => back.size === 51);
  expect(back.raft.status().snapshot).toEqual(leader.raft.status().snapshot);
  await cluster.kill(leader.raft.status().id);
  expect(await cluster.text(clerk, "k25")).toBe("v25");
  expect(await cluster.text(clerk, "last")).toBe("v");
});

test("a follower replies with the leader, and the end of a wait is unknown", async () => {
  await using cluster = await StoreCluster.start();
  const leader = await cluster.electLeader();
  await cluster.within(cluster.clerk().put("k", "v"));
  await cluster.clock.elapse(100);
  const key = new TextEncoder().encode("k");
  const { signal } = new AbortController();
  for (const server of cluster.servers.values()) {
    const reply = await cluster.within(server.handle({ type: "kvGet", key }, signal));
    if (server === leader) expect(reply).toMatchObject({ type: "value" });
    else expect(reply).toEqual({ type: "notLeader", leader: leader.raft.status().id });
  }
  expect(await leader.handle({ type: "kvGet", key }, AbortSignal.abort())).toEqual({ type: "unknown" });
});

test("requests that a follower passes on together are each answered, values too large for one message too", async () => {
  await using cluster = await StoreCluster.start();
  const leader = await cluster.electLeader();
  const follower = [...cluster.servers.values()].find((server) => server !== leader);
  if (follower === undefined) throw new Error("no follower");
  const clerk = follower.clerk({ attemptTimeoutMs: 60_000, timeoutMs: 60_000 });
  const names = ["a", "b", "c", "d", "e"];
  const value = "v".repeat((1 << 20) - 100);
  const puts = names.map((name) => clerk.put(name, name === "b" ? "small" : name + value));
  expect(await cluster.within(Promise.all(puts))).toMatchObject(names.map(() => ({ type: "written" })));
  const gets = [...names, "missing"].map((name) => cluster.text(clerk, name));
  const read = await cluster.within(Promise.all(gets));
  expect(read.map((text) => text?.slice(0, 6))).toEqual([
    "avvvvv",
    "small",
    "cvvvvv",
    "dvvvvv",
    "evvvvv",
    undefined,
  ]);
  const small = names.map((name) => clerk.append("log", name));
  expect(await cluster.within(Promise.all(small))).toMatchObject(names.map(() => ({ type: "written" })));
  expect((await cluster.text(clerk, "log"))?.split("").sort()).toEqual(names);
});

test("nothing is left open after all were killed", async () => {
  const cluster = await StoreCluster.start();
  await cluster.within(cluster.clerk().put("k", "v"));
  await cluster[Symbol.asyncDispose]();
  expect(cluster.clock.timers).toBe(0);
});
