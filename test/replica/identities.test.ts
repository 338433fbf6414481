import { describe, expect, test } from "vitest";
import { memoryPersister } from "../../adapters/memory/index.ts";
import type { Introduction, Persister, StorageUse } from "../../src/ports/index.ts";
import { defaultTuning, type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { Identities, shortUid } from "../../src/replica/identities.ts";
import { Group, type Member } from "./group.ts";
import { type LogLine, recordingLogger } from "./recording-logger.ts";

const [n1, n2, n3] = ["n1", "n2", "n3"].map(replicaId) as [ReplicaId, ReplicaId, ReplicaId];

/** A directory that counts its starts, as a replica sees it. */
interface Directory {
  storage: number;
  starts: number;
  outdated?: string;
}

function counting(persister: Persister, directory: Directory | undefined): Persister {
  if (directory === undefined) return persister;
  const load = persister.load.bind(persister);
  const identity = persister.identity.bind(persister);
  return Object.assign(persister, {
    load() {
      directory.starts++;
      return load();
    },
    identity: () => ({ ...identity(), use: { ...directory } }),
    async retire(reason: string, { starts }: StorageUse) {
      directory.outdated = reason;
      directory.starts = Math.max(directory.starts, starts);
    },
  });
}

const linesOf = ({ lines }: { readonly lines: readonly LogLine[] }, event: string) =>
  lines.filter((line) => line.event === event).map(({ text }) => text);

describe("two clusters of the same name", () => {
  test("do not mix when the address of a replica leads into the other one (etcd#3690)", async () => {
    await using a = await Group.start(3, { seed: 1 });
    await using b = await Group.start(3, { seed: 2 });
    const commands = (prefix: string) => Array.from({ length: 20 }, (_, n) => `${prefix}${n}`);
    for (const command of commands("a")) await a.propose(await a.electLeader(), command);
    for (const command of commands("b")) await b.propose(await b.electLeader(), command);
    await a.clock.until(() => a.members.get(n3)?.journal.commands.length === 20);
    const leader = await b.electLeader();
    await a.kill(n3);
    await b.kill(n3);
    // One of B's two is down: with A's n3 the other one would have a quorum.
    await b.kill(leader.id);
    const stray = await b.startMember(n3, a.storage(n3));
    await b.clock.elapse(20_000);
    expect(b.leader).toBeUndefined();
    expect(stray.journal.commands.length).toBeLessThanOrEqual(20);
    const [line, ...others] = linesOf(b, "identity.refused").filter((text) => text.includes("named n3"));
    expect(line).toMatch(
      /belongs to another cluster of the same name: its uid is \w{4}-\w{4}, that of n\d is/,
    );
    expect(others).toEqual([]);

    await b.kill(n3);
    const back = await a.startMember(n3);
    await a.propose(await a.electLeader(), "end");
    await a.clock.until(() => back.journal.commands.includes("end"));
    expect(back.journal.commands).toEqual([...commands("a"), "end"]);
  });
});

const healthOf = ({ raft }: Member) => raft.status().health.identity;

test("replicas agree on the uid of their cluster, and keep it over restarts", async () => {
  await using group = await Group.start(3);
  await group.electLeader();
  const known = () => [...group.members.values()].map((member) => healthOf(member).clusterUid);
  await group.clock.until(() => known().every((uid) => uid !== undefined));
  const [uid] = known();
  expect(known()).toEqual([uid, uid, uid]);
  await group.kill(n1);
  expect(healthOf(await group.startMember(n1)).clusterUid).toBe(uid);
});

test("a replica that gets a snapshot instead of the first entry takes the uid of its leader", async () => {
  await using group = await Group.start(3, { compactLogBytes: 1, tuning: { retainedLogBytes: 0 } });
  const leader = await group.electLeader();
  const away = group.followers[0];
  if (away === undefined) throw new Error("no follower");
  await group.clock.until(() => healthOf(away).clusterUid !== undefined);
  await group.kill(away.id);
  for (const command of ["a", "b", "c"]) await group.propose(leader, command);
  await group.clock.until(() => leader.raft.status().snapshot !== undefined);
  // As if it had never learned of a commit.
  group.emptyStorage(away.id);
  group.storage(away.id).hardState = { currentTerm: 1, votedFor: undefined, countedPeers: [] };
  const back = await group.startMember(away.id);
  expect(healthOf(back).clusterUid).toBeUndefined();
  await group.clock.until(() => back.journal.commands.length === 3);
  expect(healthOf(back).clusterUid).toBe(healthOf(leader).clusterUid);
  expect(group.storage(away.id).clusterUid).toBeDefined();
});

describe("an older or a second copy of a replica's data", () => {
  test("that was started less often is refused by its peers, and stops", async () => {
    const directories = new Map(
      [n1, n2, n3].map((id, at): [ReplicaId, Directory] => [id, { storage: at + 1, starts: 0 }]),
    );
    await using group = await Group.start(3, {
      storage: (persister, id) => counting(persister, directories.get(id)),
    });
    await group.electLeader();
    await group.kill(n3);
    await group.startMember(n3);
    await group.clock.elapse(2_000);
    expect([...group.members.values()].map((member) => healthOf(member).starts)).toEqual([1, 1, 2]);
    await group.kill(n3);
    const older = { storage: 3, starts: 0 };
    directories.set(n3, older);
    const copy = await group.startMember(n3);
    await group.clock.until(() => "outdated" in older);
    const failure = await group.clock.settled(copy.raft.stopped);
    expect(failure).toMatchObject({ name: "PersisterError", reason: "outdated" });
    expect(failure?.message).toMatch(/another process named n3 .*that one is start 2, this one is start 1/);
    expect(older).toMatchObject({ starts: 2 });
    const [line] = linesOf(group, "identity.refused");
    expect(line).toMatch(
      /n3 runs on an older or a second copy of its data: this process is start 1 of it, another .* start 2/,
    );
    // Decided by a person, it is the newest from then on.
    await group.kill(n3).catch(() => {});
    const decided = await group.startMember(n3);
    await group.clock.elapse(5_000);
    expect(healthOf(decided).starts).toBe(3);
    expect(await Promise.race([decided.raft.stopped, Promise.resolve("runs")])).toBe("runs");
  });
});

/** The identities of one process, without a replica around them. */
async function processOf(id: ReplicaId, use: Omit<StorageUse, "boot"> | undefined, boot: number) {
  const persister = memoryPersister({ clusterId: "test", replicaId: id });
  await persister.load();
  const identity = persister.identity.bind(persister);
  Object.assign(persister, { identity: () => ({ ...identity(), use }) });
  const lines: LogLine[] = [];
  const stops: Error[] = [];
  let nowMs = 0;
  const identities = new Identities({
    config: { ...defaultTuning, id, voters: [n1, n2, n3], volatileStorage: false, random: () => 0 },
    boot,
    persister,
    transport: { serve: async () => {}, call: () => Promise.reject(), [Symbol.asyncDispose]: async () => {} },
    clock: { now: () => nowMs, setTimer: () => () => {}, defer: () => {} },
    logger: recordingLogger(lines),
    track: () => {},
    stop: (error) => stops.push(error),
  });
  return {
    id,
    identities,
    lines,
    stops,
    elapse(ms: number) {
      nowMs += ms;
    },
    /** The error with which this identity refuses another's message; undefined if it accepts it. */
    receives: (other: { readonly id: ReplicaId; readonly identities: Identities }) =>
      identities.refusal(other.id, other.identities.to(id)),
    says: (introduction: Introduction) => identities.refusal(n3, introduction),
  };
}

describe("of two processes on one storage", () => {
  const start = (starts: number, random: number) => processOf(n1, { storage: 5, starts }, random);

  test("the one that was started more often is the peer", async () => {
    const peer = await processOf(n2, undefined, 0);
    const [older, newer] = [await start(4, 0.1), await start(5, 0.2)];
    expect(peer.receives(older)).toBeUndefined();
    expect(peer.receives(newer)).toBeUndefined();
    expect(peer.receives(older)).toMatch(/start 4 of it, another one .* is start 5/);
    expect(peer.receives(newer)).toBeUndefined();
  });

  test("the one that came first is the peer, if both were started as often: a cloned card", async () => {
    const peer = await processOf(n2, undefined, 0);
    const [original, clone] = [await start(5, 0.1), await start(5, 0.2)];
    expect(peer.receives(original)).toBeUndefined();
    expect(peer.receives(clone)).toMatch(/older or a second copy/);
    expect(clone.receives(peer)).toMatch(/this one is start 5. This is an older copy, or a second one./);
    expect(clone.stops).toHaveLength(1);
    expect(peer.receives(original)).toBeUndefined();
    expect(original.receives(peer)).toBeUndefined();
    expect(original.stops).toEqual([]);
  });

  test("a storage that began anew is another one", async () => {
    const peer = await processOf(n2, undefined, 0);
    expect(peer.receives(await start(5, 0.1))).toBeUndefined();
    expect(peer.receives(await processOf(n1, { storage: 6, starts: 1 }, 0.2))).toBeUndefined();
    expect(peer.receives(await start(4, 0.1))).toMatch(/start 5/);
  });

  test("a refusal of an earlier process does not stop a later one", async () => {
    const peer = await processOf(n2, undefined, 0);
    const [newer, newest] = [await start(5, 0.2), await start(6, 0.3)];
    peer.receives(newer);
    peer.receives(await start(4, 0.1));
    expect(newest.receives(peer)).toBeUndefined();
    expect(newest.stops).toEqual([]);
  });

  test("the refused one is logged once, and that it stays away after ten seconds", async () => {
    const peer = await processOf(n2, undefined, 0);
    const [older, newer] = [await start(4, 0.1), await start(5, 0.2)];
    peer.receives(newer);
    for (let message = 0; message < 3; message++) {
      peer.receives(older);
      peer.receives(newer);
    }
    expect(peer.lines.map(({ level }) => level)).toEqual(["error"]);
    expect(peer.identities.health().refused.get(n1)).toMatch(/start 4/);
    peer.elapse(10_000);
    peer.receives(newer);
    expect(peer.lines.map(({ level }) => level)).toEqual(["error", "info"]);
    expect(peer.identities.health().refused.size).toBe(0);
  });
});

test("a uid is shown by its beginning", () => {
  expect(shortUid(Uint8Array.of(0x7f, 0x3a, 0x91, 0xc2, 0, 0))).toBe("7f3a-91c2");
});
