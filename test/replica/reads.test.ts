import { expect, test, vi } from "vitest";
import { Reads } from "../../src/replica/reads.ts";
import { bytes, Group } from "./group.ts";

test("a leader's authority is verified at an index that includes all entries committed before", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  const written = await group.propose(leader, "a");
  const authority = await group.clock.settled(leader.raft.verifyAuthority());
  expect(authority).toEqual({
    type: "verified",
    readIndex: written.type === "committed" ? written.index : 0,
  });
});

test("it waits until the index is applied here, though a majority holds it already", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  await group.clock.elapse(100);
  const write = leader.persister.write.bind(leader.persister);
  vi.spyOn(leader.persister, "write").mockImplementationOnce(async (batch) => {
    await new Promise<void>((resolve) => group.clock.setTimer(100, resolve));
    await write(batch);
  });
  const position = leader.raft.start(bytes("a"));
  await group.clock.elapse(20);
  expect(leader.raft.status()).toMatchObject({ commitIndex: position?.index });
  const authority = await group.clock.settled(leader.raft.verifyAuthority());
  expect(authority).toEqual({ type: "verified", readIndex: position?.index });
  expect(leader.journal.commands).toEqual(["a"]);
});

test("a follower has none, and names the leader", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  await group.clock.elapse(100);
  const [follower] = group.followers;
  const authority = follower && (await group.clock.settled(follower.raft.verifyAuthority()));
  expect(authority).toEqual({ type: "notLeader", leader: leader.id });
});

test("all reads that wait share one round of heartbeats", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  await group.clock.elapse(20);
  const call = vi.spyOn(leader.transport, "call");
  const reads = Array.from({ length: 50 }, () => leader.raft.verifyAuthority());
  const authorities = await group.clock.settled(Promise.all(reads));
  expect(authorities.every(({ type }) => type === "verified")).toBe(true);
  expect(call.mock.calls.length).toBe(2);
});

test("a leader without a quorum verifies nothing: the signal or the loss of leadership ends the wait", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  group.network.disconnect(leader.id);
  const controller = new AbortController();
  const impatient = leader.raft.verifyAuthority({ signal: controller.signal });
  const patient = leader.raft.verifyAuthority();
  await group.clock.elapse(10);
  controller.abort();
  expect(await impatient).toEqual({ type: "timeout" });
  expect(await group.clock.settled(patient)).toMatchObject({ type: "notLeader" });
});

test("a killed replica has no authority, and a wait that has ended makes no request", async () => {
  await using group = await Group.start(1);
  const leader = await group.electLeader();
  expect(await leader.raft.verifyAuthority({ signal: AbortSignal.abort() })).toEqual({ type: "timeout" });
  await group.kill(leader.id);
  expect(await leader.raft.verifyAuthority()).toEqual({ type: "notLeader", leader: undefined });
  expect(await leader.raft.propose(bytes("a"))).toEqual({ type: "notLeader", leader: undefined });
});

test("a callback is called once: with the authority, and on a killed replica at once", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  const settled = vi.fn();
  leader.raft.confirm(settled);
  await group.clock.elapse(100);
  expect(settled.mock.calls).toEqual([[{ type: "verified", readIndex: expect.any(Number) }]]);
  await group.kill(leader.id);
  leader.raft.confirm(settled);
  expect(settled.mock.calls.slice(1)).toEqual([[{ type: "notLeader", leader: undefined }]]);
});

test("a callback that throws stops the replica, and the others of its turn are called nevertheless", async () => {
  await using group = await Group.start(1);
  const leader = await group.electLeader();
  const settled = vi.fn();
  leader.raft.confirm(settled);
  leader.raft.confirm(() => {
    throw new Error("a bug");
  });
  leader.raft.confirm(settled);
  expect(await group.clock.settled(leader.raft.stopped)).toMatchObject({ message: "a bug" });
  expect(settled).toHaveBeenCalledTimes(2);
  await group.clock.settled(leader.raft.kill().catch(() => {}));
  group.members.delete(leader.id);
});

test("the reads of a turn share one read of the core; later ones have another", () => {
  const reads = new Reads();
  const settled: string[] = [];
  const settle = (name: string) => (authority: object) => void settled.push(name + JSON.stringify(authority));
  expect([reads.share(settle("a")), reads.share(settle("b"))]).toEqual([1, undefined]);
  reads.turnEnded();
  expect([reads.share(settle("c")), reads.share(settle("d"))]).toEqual([2, undefined]);
  reads.decided({ readId: 1, readIndex: 7 }, undefined);
  reads.applied(6);
  expect(settled).toEqual([]);
  reads.applied(7);
  const at7 = JSON.stringify({ type: "verified", readIndex: 7 });
  expect(settled).toEqual([`a${at7}`, `b${at7}`]);
  reads.turnEnded();
  reads.stop();
  const ended = JSON.stringify({ type: "notLeader" });
  expect(settled.slice(2)).toEqual([`c${ended}`, `d${ended}`]);
});

test("an outcome within the turn of its read is a bug: later reads of the turn would rely on it", () => {
  const reads = new Reads();
  const readId = reads.share(() => {}) ?? 0;
  expect(() => reads.decided({ readId, readIndex: 1 }, undefined)).toThrow("after its turn");
});
