import { describe, expect, test, vi } from "vitest";
import { Proposals } from "../../src/replica/proposals.ts";
import { decodeRaftRequest } from "../../src/rpc/index.ts";
import { bytes, Group } from "./group.ts";

describe("propose", () => {
  test("committed: has the position and the state machine's result", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    const { currentTerm: term, lastLogIndex } = leader.raft.status();
    const index = lastLogIndex + 1;
    expect(await group.propose(leader, "a")).toEqual({ type: "committed", index, term, result: 1 });
    expect(await group.propose(leader, "b")).toMatchObject({ index: index + 1, result: 2 });
    await group.clock.elapse(100);
    for (const { journal } of group.members.values()) expect(journal.commands).toEqual(["a", "b"]);
  });

  test("notLeader: a follower names the leader", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    await group.clock.elapse(100);
    const [follower] = group.followers;
    expect(follower && (await group.propose(follower, "a"))).toEqual({
      type: "notLeader",
      leader: leader.id,
    });
  });

  test("lost: another leader's entry replaced it", async () => {
    await using group = await Group.start(3);
    const old = await group.electLeader();
    group.network.disconnect(old.id);
    const doomed = old.raft.propose(bytes("doomed"));
    await group.clock.until(() => group.leader !== undefined && group.leader !== old);
    await group.propose(await group.electLeader(), "kept");
    group.network.reconnect(old.id);
    expect(await group.clock.settled(doomed)).toEqual({ type: "lost" });
    expect(old.journal.commands).not.toContain("doomed");
  });

  test("unknown: the signal ended the wait, and the command may take effect yet", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    const controller = new AbortController();
    const waiting = leader.raft.propose(bytes("a"), { signal: controller.signal });
    controller.abort();
    expect(await waiting).toEqual({ type: "unknown" });
    await group.clock.elapse(500);
    expect(leader.journal.commands).toEqual(["a"]);
    expect(await leader.raft.propose(bytes("b"), { signal: controller.signal })).toEqual({ type: "unknown" });
  });

  test("overloaded: too much awaits its commit", async () => {
    await using group = await Group.start(3, { tuning: { maxUncommittedBytes: 100 } });
    const leader = await group.electLeader();
    const many = Array.from({ length: 10 }, (_, n) => leader.raft.propose(bytes(`c${n}`)));
    const outcomes = (await group.clock.settled(Promise.all(many))).map(({ type }) => type);
    expect(new Set(outcomes)).toEqual(new Set(["committed", "overloaded"]));
    expect(await group.propose(leader, "later")).toMatchObject({ type: "committed" });
  });

  test("a command that is too large is misuse", async () => {
    await using group = await Group.start(1, { tuning: { maxCommandBytes: 3 } });
    const leader = await group.electLeader();
    await expect(leader.raft.propose(bytes("long"))).rejects.toThrow(
      "Cannot propose command: at most 3 bytes, got 4",
    );
  });
});

describe("start", () => {
  test("returns the command's index, or undefined if this replica does not lead", async () => {
    await using group = await Group.start(3);
    const leader = await group.electLeader();
    const { currentTerm: term, lastLogIndex } = leader.raft.status();
    expect(leader.raft.start(bytes("a"))).toEqual({ index: lastLogIndex + 1, term });
    const [follower] = group.followers;
    expect(follower?.raft.start(bytes("b"))).toBeUndefined();
    await group.clock.elapse(100);
    expect(leader.journal.commands).toEqual(["a"]);
  });
});

test("100 concurrent proposals share one write, and one message to each peer", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  await group.clock.elapse(20);
  const write = vi.spyOn(leader.persister, "write");
  const call = vi.spyOn(leader.transport, "call");
  const many = Array.from({ length: 100 }, (_, n) => leader.raft.propose(bytes(`c${n}`)));
  await group.clock.settled(Promise.all(many));
  const withEntries = call.mock.calls.filter(([, , payload]) => {
    const request = decodeRaftRequest(payload);
    return request.type === "appendEntries" && request.entries.length > 0;
  });
  expect(write).toHaveBeenCalledTimes(1);
  expect(withEntries.map(([to]) => to).sort()).toEqual(group.followers.map(({ id }) => id).sort());
  expect(leader.journal.commands.length).toBe(100);
});

describe("a wait at an index", () => {
  const entry = (index: number, term: number) =>
    ({ index, term, type: "command", data: new Uint8Array() }) as const;

  test("is answered for exactly its term", async () => {
    const proposals = new Proposals<string>();
    const mine = proposals.wait({ index: 5, term: 2 }, undefined);
    proposals.applied(entry(5, 3), "another's");
    expect(await mine).toEqual({ type: "lost" });
  });

  test("ends with unknown if a later leadership of this replica reuses the index, because a peer may still hold the entry", async () => {
    const proposals = new Proposals<string>();
    const first = proposals.wait({ index: 6, term: 2 }, undefined);
    const second = proposals.wait({ index: 6, term: 7 }, undefined);
    expect(await first).toEqual({ type: "unknown" });
    proposals.applied(entry(6, 7), "done");
    expect(await second).toEqual({ type: "committed", index: 6, term: 7, result: "done" });
  });

  test("ends with unknown if a snapshot covers the index", async () => {
    const proposals = new Proposals<string>();
    const covered = proposals.wait({ index: 5, term: 2 }, undefined);
    proposals.skipped(5);
    expect(await covered).toEqual({ type: "unknown" });
  });
});

test("a submitted command is settled once: at once if it is refused, otherwise with its outcome", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  const settled: string[] = [];
  const submit = (node: typeof leader) =>
    node.raft.submit(bytes("x"), ({ type }) => settled.push(`${node.id === leader.id} ${type}`));
  for (const node of group.members.values()) submit(node);
  expect(settled).toEqual(["false notLeader", "false notLeader"]);
  await group.clock.until(() => settled.length > 2);
  expect(settled.slice(2)).toEqual(["true committed"]);
});

test("proposals in a minority end as lost soon after the partition heals", async () => {
  await using group = await Group.start(5);
  const old = await group.electLeader();
  group.network.disconnect(old.id);
  const attempts = Array.from({ length: 20 }, (_, n) => old.raft.propose(bytes(`x${n}`)));
  await group.clock.until(() => group.leader !== undefined && group.leader.id !== old.id);
  group.network.reconnect(old.id);
  // Nothing but the next leader's no-op is committed, and yet all of them have their answer.
  const outcomes = await group.clock.settled(Promise.all(attempts), 1000);
  expect(new Set(outcomes.map(({ type }) => type))).toEqual(new Set(["lost"]));
});

test("§5.4.2 a wait for a later entry is not resolved by an older term's entry at the same index", async () => {
  // Figure 8: the leader of term 5 proposed at 2 and was cut off; the leader of term 6 brings back an entry of term 3.
  const proposals = new Proposals<string>();
  const waiting = proposals.wait({ index: 2, term: 5 }, undefined);
  proposals.applied({ index: 2, term: 3, type: "command", data: bytes("another") }, "another's result");
  expect(await waiting).toEqual({ type: "lost" });
});
