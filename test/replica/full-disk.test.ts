import { expect, test } from "vitest";
import { PersisterError, type SnapshotSink } from "../../src/ports/index.ts";
import { Group, type Member } from "./group.ts";

/** Makes a member's storage refuse commands, like a disk without space for the next segment. */
function fill({ persister }: Member): { empty(): void; tries: number } {
  const write = persister.write.bind(persister);
  const disk = {
    tries: 0,
    empty() {
      persister.write = write;
    },
  };
  persister.write = async (batch) => {
    if (!batch.entries.some(({ type }) => type === "command")) return write(batch);
    disk.tries++;
    throw new PersisterError("full", "could not make the next segment of the log: the disk is full");
  };
  return disk;
}

function fillForSnapshots({ persister }: Member): { empty(): void; tries: number } {
  const createSnapshot = persister.createSnapshot.bind(persister);
  const disk = {
    tries: 0,
    empty() {
      persister.createSnapshot = createSnapshot;
    },
  };
  persister.createSnapshot = async (meta): Promise<SnapshotSink> => {
    const sink = await createSnapshot(meta);
    return {
      write: async () => {
        disk.tries++;
        await sink.abort();
        throw new PersisterError("full", "could not write a snapshot: the disk is full");
      },
      commit: () => sink.commit(),
      abort: () => sink.abort(),
    };
  };
  return disk;
}

const shortageOf = ({ raft }: Member) => raft.status().health.disk.shortage;
const commands = ({ journal }: Member) => journal.commands;

test("a follower whose disk is full logs that, keeps following, and catches up when there is space", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  const [follower, other] = group.followers;
  if (follower === undefined || other === undefined) throw new Error("two followers");
  const disk = fill(follower);
  expect((await group.propose(leader, "a")).type).toBe("committed");
  await group.clock.until(() => shortageOf(follower) !== undefined);
  expect(shortageOf(follower)).toMatch(
    /the disk is full: this replica stores no new entries until that ends/,
  );
  const { currentTerm } = leader.raft.status();
  await group.clock.elapse(30_000);
  expect(leader.raft.status()).toMatchObject({ role: "leader", currentTerm });
  expect(disk.tries).toBeLessThan(20);
  disk.empty();
  await group.clock.until(() => commands(follower).includes("a"));
  await group.clock.until(() => shortageOf(follower) === undefined);
});

test("a leader whose disk is full steps down when the others commit without it, and does not lead again", async () => {
  await using group = await Group.start(3);
  const first = await group.electLeader();
  const disk = fill(first);
  // It is committed by the others; here it is applied once it is stored.
  const proposed = first.raft.propose(new TextEncoder().encode("a"));
  await group.clock.until(() => group.leader !== undefined && group.leader.id !== first.id, 20_000);
  const second = group.leader;
  if (second === undefined) throw new Error("another leader");
  await group.electLeader();
  expect((await group.propose(second, "b")).type).toBe("committed");
  const { currentTerm } = second.raft.status();
  await group.clock.elapse(30_000);
  expect(second.raft.status()).toMatchObject({ role: "leader", currentTerm });
  disk.empty();
  await group.clock.until(() => commands(first).includes("b"));
  expect((await proposed).type).toBe("committed");
});

test("while all disks are full, reads succeed and writes are refused; with space both succeed", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  await group.propose(leader, "a");
  const disks = [...group.members.values()].map(fill);
  const waiting = leader.raft.propose(new TextEncoder().encode("b"));
  await group.clock.until(() => leader.raft.status().storageFull);
  const { currentTerm } = leader.raft.status();
  for (let minute = 0; minute < 3; minute++) {
    await group.clock.elapse(60_000);
    const authority = await group.clock.settled(leader.raft.verifyAuthority());
    expect(authority.type).toBe("verified");
    expect((await group.propose(leader, "c")).type).toBe("overloaded");
  }
  expect(leader.raft.status()).toMatchObject({ role: "leader", currentTerm });
  for (const disk of disks) disk.empty();
  expect((await group.clock.settled(waiting)).type).toBe("committed");
  expect((await group.propose(leader, "d")).type).toBe("committed");
});

test("with all disks full another leader is elected when the first one dies", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  await group.propose(leader, "a");
  for (const member of group.members.values()) fill(member);
  await group.kill(leader.id);
  const next = await group.electLeader();
  expect((await group.clock.settled(next.raft.verifyAuthority())).type).toBe("verified");
});

test("a replica whose disk is full stops in order, at once", async () => {
  await using group = await Group.start(1);
  const leader = await group.electLeader();
  fill(leader);
  void leader.raft.propose(new TextEncoder().encode("a"));
  await group.clock.until(() => shortageOf(leader) !== undefined);
  await group.clock.elapse(20_000);
  await group.clock.settled(leader.raft.kill(), 100);
});

test("a snapshot that finds the disk full ends no replica; it is tried again until there is space", async () => {
  await using group = await Group.start(1, { compactLogBytes: 50 });
  const leader = await group.electLeader();
  const disk = fillForSnapshots(leader);
  for (let n = 0; n < 10; n++) expect((await group.propose(leader, `command ${n}`)).type).toBe("committed");
  await group.clock.until(() => shortageOf(leader) !== undefined);
  expect(shortageOf(leader)).toMatch(/the disk is full: no snapshot is saved until that ends/);
  await group.clock.elapse(30_000);
  expect(disk.tries).toBeGreaterThan(3);
  expect(disk.tries).toBeLessThan(20);
  disk.empty();
  await group.clock.until(() => leader.raft.status().snapshot !== undefined);
  await group.clock.until(() => shortageOf(leader) === undefined);
});

test("a received snapshot that finds the disk full is sent again until there is space", async () => {
  await using group = await Group.start(3, { tuning: { retainedLogBytes: 1, snapshotChunkBytes: 32 } });
  const leader = await group.electLeader();
  const [behind] = group.followers;
  if (behind === undefined) throw new Error("a follower");
  await group.kill(behind.id);
  for (let n = 0; n < 20; n++) await group.propose(leader, `command ${n}`);
  await group.clock.settled(leader.raft.requestSnapshot());
  const member = await group.startMember(behind.id);
  const disk = fillForSnapshots(member);
  await group.clock.until(() => shortageOf(member) !== undefined);
  await group.clock.elapse(20_000);
  expect(member.raft.status().snapshot).toBeUndefined();
  disk.empty();
  await group.clock.until(() => commands(member).includes("command 19"), 60_000);
  expect(shortageOf(member)).toBeUndefined();
});
