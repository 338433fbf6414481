import { expect, test } from "vitest";
import { StoreCluster } from "./store-cluster.ts";

test("a command that can't be decoded stops no replica, now or at its next start: all skip it, and log that", async () => {
  await using cluster = await StoreCluster.start();
  const leader = await cluster.electLeader();
  const clerk = cluster.clerk();
  await cluster.within(clerk.put("k", "a"));
  const outcome = await cluster.within(leader.raft.propose(Uint8Array.of(0x99, 1, 2, 3)));
  if (outcome.type !== "committed") throw new Error(`not committed: ${outcome.type}`);
  expect(outcome.result).toMatchObject({
    type: "malformed",
    reason: expect.stringContaining("it has format 9"),
  });
  expect(await cluster.within(clerk.append("k", "b"))).toMatchObject({ type: "written" });
  await cluster.clock.elapse(200);
  for (const [id, { soundness }] of cluster.servers) {
    expect(soundness.malformedCommand?.index).toBe(outcome.index);
    const errors = cluster.logged.filter((line) => line.id === id && line.level === "error");
    expect(errors.map(({ text }) => text)).toEqual([
      expect.stringContaining(`${id} skips the command at index ${outcome.index}`),
    ]);
  }
  for (const id of cluster.ids) await cluster.kill(id);
  for (const id of cluster.ids) await cluster.startServer(id);
  expect(await cluster.text(clerk, "k")).toBe("ab");
});

test("a state that a snapshot replaces is logged, with the indices before and after, and so is one at the start", async () => {
  await using cluster = await StoreCluster.start({ tuning: { retainedLogBytes: 1 } });
  const clerk = cluster.clerk({ timeoutMs: 20_000 });
  await cluster.within(clerk.put("k0", "v0"));
  await cluster.clock.elapse(100);
  const leader = await cluster.electLeader();
  const [away] = cluster.ids.filter((id) => id !== leader.raft.status().id);
  if (away === undefined) throw new Error("no follower");
  const from = cluster.servers.get(away)?.raft.status().lastApplied;
  cluster.network.disconnect(away);
  for (let n = 1; n < 20; n++) await cluster.within(clerk.put(`k${n}`, `v${n}`));
  await cluster.clock.settled(leader.raft.requestSnapshot());
  const to = leader.raft.status().snapshot?.lastIncludedIndex;
  cluster.network.reconnect(away);
  await cluster.clock.until(() => cluster.servers.get(away)?.size === 20);
  const told = () =>
    cluster.logged.filter((line) => line.id === away && line.level === "info").map(({ text }) => text);
  expect(told()).toContain(
    `${away} replaced its state after index ${from} by a snapshot of the leader's, up to index ${to}`,
  );
  await cluster.kill(away);
  await cluster.startServer(away);
  expect(told()).toContainEqual(expect.stringContaining(`${away} starts with a snapshot up to index ${to}`));
});
