import { expect, test, vi } from "vitest";
import { Group, type Member } from "./group.ts";

async function proposeMany(group: Group, member: Member, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await group.propose(member, `command ${n}`);
}

const coveredBy = ({ raft }: Member) => raft.status().snapshot?.lastIncludedIndex ?? 0;

test("a snapshot covers the applied entries, and the log before it is removed", async () => {
  await using group = await Group.start(1, { tuning: { retainedLogBytes: 1 } });
  const leader = await group.electLeader();
  await proposeMany(group, leader, 5);
  const { lastApplied, currentTerm } = leader.raft.status();
  const meta = { lastIncludedIndex: lastApplied, lastIncludedTerm: currentTerm };
  const saved = await group.clock.settled(leader.raft.requestSnapshot());
  expect(saved).toMatchObject(meta);
  expect(leader.raft.status()).toMatchObject({ snapshot: saved, firstLogIndex: lastApplied + 1 });
});

test("there is nothing to save twice", async () => {
  await using group = await Group.start(1);
  const leader = await group.electLeader();
  await group.clock.settled(leader.raft.requestSnapshot());
  expect(await group.clock.settled(leader.raft.requestSnapshot())).toBeUndefined();
});

test("one is saved at a time: a request meanwhile gets the result of the one in progress", async () => {
  await using group = await Group.start(1);
  const leader = await group.electLeader();
  await proposeMany(group, leader, 3);
  const [first, second] = [leader.raft.requestSnapshot(), leader.raft.requestSnapshot()];
  expect(second).toBe(first);
  await group.clock.settled(first);
});

test("commands that are applied while it is read out don't show in it", async () => {
  await using group = await Group.start(1);
  const leader = await group.electLeader();
  await proposeMany(group, leader, 3);
  const saving = leader.raft.requestSnapshot();
  await group.propose(leader, "later");
  await group.clock.settled(saving);
  const { id } = leader;
  await group.kill(id);
  const { journal } = await group.startMember(id);
  expect(journal.commands).toEqual(["command 0", "command 1", "command 2"]);
  await group.electLeader();
  expect(journal.commands.at(-1)).toBe("later");
});

test("an index that has not been applied is refused", async () => {
  await using group = await Group.start(1);
  const leader = await group.electLeader();
  const { lastApplied } = leader.raft.status();
  for (const index of [lastApplied + 1, -1, 0.5]) {
    expect(() => leader.raft.saveSnapshot(index, () => [])).toThrow(
      `Cannot save snapshot: index must be that of an applied entry, 0 to ${lastApplied}, got ${index}`,
    );
  }
});

test("the persister decides when to take one", async () => {
  await using group = await Group.start(1, { compactLogBytes: 200, tuning: { retainedLogBytes: 1 } });
  const leader = await group.electLeader();
  await proposeMany(group, leader, 50);
  await group.clock.elapse(10);
  expect(coveredBy(leader)).toBeGreaterThan(20);
  expect(leader.raft.status().firstLogIndex).toBeGreaterThan(20);
});

test("a replica that was away while the others compacted gets the snapshot in chunks, then the rest", async () => {
  await using group = await Group.start(3, { tuning: { retainedLogBytes: 1, snapshotChunkBytes: 20 } });
  const leader = await group.electLeader();
  await group.clock.elapse(100);
  const [away] = group.followers;
  if (away === undefined) throw new Error("no follower");
  await group.kill(away.id);
  await proposeMany(group, leader, 20);
  await group.clock.settled(leader.raft.requestSnapshot());
  await group.propose(leader, "after");
  const back = await group.startMember(away.id);
  await group.clock.until(() => back.journal.commands.at(-1) === "after");
  expect(back.journal.commands).toEqual(leader.journal.commands);
  expect(back.journal.restored).toBe(1);
  expect(coveredBy(back)).toBe(coveredBy(leader));
});

test("a received snapshot overtakes the replica's own that is being saved", async () => {
  await using group = await Group.start(3, { tuning: { retainedLogBytes: 1 } });
  const leader = await group.electLeader();
  await proposeMany(group, leader, 3);
  await group.clock.elapse(100);
  const [lagging] = group.followers;
  if (lagging === undefined) throw new Error("no follower");
  group.network.disconnect(lagging.id);
  await proposeMany(group, leader, 20);
  await group.clock.settled(leader.raft.requestSnapshot());

  const create = lagging.persister.createSnapshot.bind(lagging.persister);
  vi.spyOn(lagging.persister, "createSnapshot").mockImplementationOnce(async (meta) => {
    const sink = await create(meta);
    const slowly = () => new Promise<void>((resolve) => group.clock.setTimer(200, resolve));
    return { ...sink, write: (chunk) => slowly().then(() => sink.write(chunk)) };
  });
  const saving = lagging.raft.requestSnapshot();
  group.network.reconnect(lagging.id);
  await group.clock.until(() => lagging.journal.commands.length === 23);
  expect(await group.clock.settled(saving)).toBeUndefined();
  expect(coveredBy(lagging)).toBe(coveredBy(leader));
});
