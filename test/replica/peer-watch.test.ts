import { describe, expect, test } from "vitest";
import { memoryPersister } from "../../adapters/memory/index.ts";
import { PersisterError } from "../../src/ports/index.ts";
import { Group } from "./group.ts";

describe("a leader logs a peer that stopped replying", () => {
  test("once, after ten election timeouts, with the reason and what is left; and once when it is back", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    await group.clock.elapse(1000);
    const [gone] = group.followers;
    if (gone === undefined) throw new Error("no follower");
    await group.kill(gone.id);
    const told = () => group.lines.filter(({ event }) => `${event}`.startsWith("peer."));
    await group.clock.elapse(5900);
    expect(told()).toEqual([]);
    await group.clock.elapse(20_000);
    expect(told()).toEqual([
      {
        level: "warn",
        text:
          `${gone.id} has not answered for 6 s (${gone.id} is not on the network): ` +
          "2 of 3 voters are left, one more loss stops writes",
        event: "peer.down",
      },
    ]);
    expect(leader.raft.status().health.callFailures.get(gone.id)).toEqual({
      address: undefined,
      reason: `${gone.id} is not on the network`,
      agoMs: expect.any(Number),
      answeredSince: false,
    });
    await group.startMember(gone.id);
    await group.clock.elapse(5000);
    expect(told().slice(1)).toEqual([
      { level: "info", text: `${gone.id} answers again, after 26 s`, event: "peer.up" },
    ]);
  });

  test("with how many more may be lost, in a larger cluster", async () => {
    await using group = await Group.start(5);
    await group.electLeader();
    const [first, second] = group.followers;
    if (first === undefined || second === undefined) throw new Error("two followers");
    for (const { id } of [first, second]) {
      await group.kill(id);
      await group.clock.elapse(7000);
    }
    const outlooks = group.lines
      .filter(({ event }) => event === "peer.down")
      .map(({ text }) => text.split(": ")[1]);
    expect(outlooks).toEqual([
      "4 of 5 voters are left, writes continue if 1 more are lost",
      "3 of 5 voters are left, one more loss stops writes",
    ]);
  });
});

test("an older copy of a replica's data is detected, logged, and stopped; acknowledged entries are kept", async () => {
  // Found from outside: the leader silently paused the replica, and writes stopped although two of three were up.
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  const [victim, other] = group.followers;
  if (victim === undefined || other === undefined) throw new Error("two followers");
  await group.propose(leader, "old");
  await group.clock.elapse(200);
  await group.kill(victim.id);
  const reader = memoryPersister({
    clusterId: "test",
    replicaId: victim.id,
    storage: group.storage(victim.id),
  });
  const copy = await reader.load();
  await reader[Symbol.asyncDispose]();
  await group.startMember(victim.id);
  for (let n = 0; n < 5; n++) await group.propose(leader, `new ${n}`);
  await group.clock.elapse(200);

  await group.kill(victim.id);
  group.emptyStorage(victim.id);
  const writer = memoryPersister({
    clusterId: "test",
    replicaId: victim.id,
    storage: group.storage(victim.id),
  });
  await writer.load();
  await writer.write({ hardState: copy.hardState, entries: copy.entries });
  await writer[Symbol.asyncDispose]();
  const restarted = await group.startMember(victim.id);
  const failure = await group.clock.settled(restarted.raft.stopped);
  expect(failure).toBeInstanceOf(PersisterError);
  expect(failure).toMatchObject({ reason: "storageLost" });
  expect(failure?.message).toMatch(
    /^the storage of n\d is older than what n\d acknowledged: n\d leads and has counted on entry 7 of term 1, but the log here ends at index 2 /,
  );
  const [line] = group.lines.filter(({ event }) => event === "peer.lostAcknowledged");
  expect([line?.level, line?.text]).toEqual([
    "error",
    `${victim.id} lacks what it acknowledged to ${leader.id}, up to index 7: its data was replaced by an ` +
      "older copy, or its disk lost synced data. It no longer counts, and will stop",
  ]);
  const view = leader.raft.status().peers.find(({ id }) => id === victim.id);
  expect(view?.lostAcknowledged).toBe(true);
  expect((await group.propose(leader, "with the other")).type).toBe("committed");
});
