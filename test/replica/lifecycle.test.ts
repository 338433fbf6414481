import { describe, expect, test } from "vitest";
import { memoryPersister } from "../../adapters/memory/index.ts";
import { PersisterError, TransportError } from "../../src/ports/index.ts";
import { InvariantViolation, replicaId } from "../../src/raft/index.ts";
import { Raft } from "../../src/replica/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { stateOf } from "../raft/inputs.ts";
import { bytes, Group } from "./group.ts";
import { Journal } from "./journal.ts";
import { VirtualClock } from "./virtual-clock.ts";

describe("kill", () => {
  test("ends proposals that wait as unknown, reports an orderly stop, and may be called again", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    group.network.disconnect(leader.id);
    const waiting = leader.raft.propose(bytes("a"));
    await group.kill(leader.id);
    expect(await waiting).toEqual({ type: "unknown" });
    expect(await leader.raft.stopped).toBeUndefined();
    await expect(leader.raft.kill()).resolves.toBeUndefined();
  });

  test("leaves no timer behind", async () => {
    const group = await Group.start(3);
    const leader = await group.electLeader();
    const waiting = leader.raft.propose(bytes("a"));
    await group[Symbol.asyncDispose]();
    await waiting;
    expect(group.clock.timers).toBe(0);
  });

  test("disposes of transport and persister", async () => {
    await using group = await Group.start(1);
    const { id, transport, persister } = await group.electLeader();
    await group.kill(id);
    await expect(transport.serve("echo", async (_, payload) => payload)).rejects.toThrow(TransportError);
    await expect(persister.openSnapshot()).rejects.toMatchObject({ reason: "closed" });
  });

  test("waits for a snapshot that is being saved, which ends without one", async () => {
    await using group = await Group.start(1);
    const leader = await group.electLeader();
    for (let n = 0; n < 10; n++) await group.propose(leader, `c${n}`);
    const saving = leader.raft.requestSnapshot();
    await group.kill(leader.id);
    expect(await saving).toBeUndefined();
  });

  test("a second replica on the same storage is refused until the first is gone", async () => {
    await using group = await Group.start(1);
    const { id } = await group.electLeader();
    await expect(group.startMember(id)).rejects.toThrow(RangeError);
    await group.kill(id);
    await expect(group.startMember(id)).resolves.toBeDefined();
  });
});

describe("a failure stops the replica", () => {
  test("also if a waiting proposal throws while it stops, and the others still get an outcome", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    group.network.disconnect(leader.id);
    leader.raft.submit(bytes("a"), () => {
      throw new Error("a bug of the waiter");
    });
    const other = leader.raft.propose(bytes("b"));
    leader.raft.fail(new Error("the first bug"));
    expect(await other).toEqual({ type: "unknown" });
    expect((await leader.raft.stopped)?.message).toBe("the first bug");
    await expect(leader.raft.kill()).rejects.toThrow("the first bug");
  });

  test("after a failed write nothing is acknowledged, and kill rejects with the error", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    group.storage(leader.id).failNextWrite(new Error("the disk is gone"));
    const outcome = await group.propose(leader, "a");
    expect(outcome).toEqual({ type: "unknown" });
    expect(await leader.raft.stopped).toBeInstanceOf(PersisterError);
    expect(await group.propose(leader, "b")).toEqual({ type: "notLeader", leader: undefined });
    await expect(group.kill(leader.id)).rejects.toThrow("the disk is gone");
    await group.clock.until(() => group.leader !== undefined && group.leader.id !== leader.id);
  });

  test("a failed snapshot, both automatic and requested", async () => {
    await using group = await Group.start(1);
    const leader = await group.electLeader();
    await group.propose(leader, "a");
    leader.persister.createSnapshot = () => Promise.reject(new PersisterError("failed", "EIO"));
    await expect(group.clock.settled(leader.raft.requestSnapshot())).rejects.toThrow("EIO");
    expect(await leader.raft.stopped).toMatchObject({ reason: "failed" });
  });

  test("a follower whose write failed acknowledges nothing", async () => {
    await using group = await Group.start(2);
    const leader = await group.electLeader();
    const [follower] = group.followers;
    if (follower === undefined) throw new Error("no follower");
    group.storage(follower.id).failNextWrite(new Error("the disk is gone"));
    const waiting = leader.raft.propose(bytes("a"));
    await group.clock.elapse(5000);
    expect(await follower.raft.stopped).toBeInstanceOf(PersisterError);
    expect(leader.journal.commands).toEqual([]);
    leader.raft.kill();
    expect(await group.clock.settled(waiting)).toEqual({ type: "unknown" });
  });

  test("a state machine that throws", async () => {
    await using group = await Group.start(1);
    const leader = await group.electLeader();
    expect(await group.propose(leader, "poison")).toEqual({ type: "unknown" });
    expect(await leader.raft.stopped).toMatchObject({ message: "a command that nobody can apply" });
    await expect(group.kill(leader.id)).rejects.toThrow("a command that nobody can apply");
  });
});

describe("start", () => {
  test("wrong options are rejected by name, and the given objects are disposed of", async () => {
    const [clusterId, id] = ["test", replicaId("n1")];
    using network = new LoopbackNetwork({ clusterId });
    const transport = network.transport(id);
    const persister = memoryPersister({ clusterId, replicaId: id });
    const stateMachine = new Journal();
    const clock = new VirtualClock();
    const tuning = { heartbeatMs: 0 };
    const start = Raft.start({ id, voters: [id], transport, persister, stateMachine, tuning, clock });
    await expect(start).rejects.toThrow("heartbeatMs: a whole number of at least 1, not 0");
    await expect(persister.load()).rejects.toMatchObject({ reason: "closed" });
    expect(() => network.transport(id), "its place is free again").not.toThrow();
    expect(clock.timers).toBe(0);
  });

  test("a persister that returns a log with a gap is rejected", async () => {
    const [clusterId, id] = ["test", replicaId("n1")];
    using network = new LoopbackNetwork({ clusterId });
    const persister = memoryPersister({ clusterId, replicaId: id });
    await persister.load();
    persister.load = async () => stateOf({ term: 3, log: "1@1 2@1 4@3" });
    const options = { id, voters: [id], persister, stateMachine: new Journal(), clock: new VirtualClock() };
    await expect(Raft.start({ ...options, transport: network.transport(id) })).rejects.toMatchObject({
      reason: "corrupt",
      message: "the stored log of n1 can't be used: §5.3 an entry follows the last one: 4 comes after 2",
    });
  });

  test("all committed entries are there after all replicas were stopped and started", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    for (const command of ["a", "b", "c"]) await group.propose(leader, command);
    const { term } = leader.raft.getState();
    for (const id of group.ids) await group.kill(id);
    for (const id of group.ids) await group.startMember(id);
    const next = await group.electLeader();
    expect(next.journal.commands).toEqual(["a", "b", "c"]);
    expect(next.raft.getState().term).toBeGreaterThan(term);
  });
});

describe("resign", () => {
  test("another replica leads long before an election timeout, and proposals are committed", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    await group.propose(leader, "a");
    const waiting = leader.raft.propose(bytes("b"));
    const resignedAtMs = group.clock.now();
    leader.raft.resign();
    leader.raft.resign();
    expect(leader.raft.getState()).toMatchObject({ isLeader: false, leader: undefined });
    expect(leader.raft.status().resigned).toBe(true);
    await group.clock.until(() => group.leader !== undefined);
    expect(group.clock.now() - resignedAtMs).toBeLessThan(50);
    expect(await group.clock.settled(waiting)).toMatchObject({ type: "committed" });
  });

  test("does nothing to a replica that has stopped", async () => {
    await using group = await Group.start(1);
    const { id, raft } = await group.electLeader();
    await group.kill(id);
    expect(() => raft.resign()).not.toThrow();
  });
});

test("a bug in a part that uses a replica stops it: what waits is unknown, and the first bug is the failure", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  group.network.disconnect(leader.id);
  const waiting = leader.raft.propose(bytes("a"));
  const bug = new InvariantViolation("§5.1 a rule");
  leader.raft.fail(bug);
  leader.raft.fail(new Error("a later one"));
  expect(await group.clock.settled(waiting)).toEqual({ type: "unknown" });
  expect(await leader.raft.stopped).toBe(bug);
  await expect(group.clock.settled(leader.raft.kill())).rejects.toBe(bug);
});
