import { describe, expect, test } from "vitest";
import { type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { bytes, Group, type GroupOptions, type Member } from "./group.ts";
import { SlowLink, SlowTransport } from "./slow-link.ts";

const n3 = replicaId("n3");
const kb = 1000;

/** Three replicas, led by another than n3, which is behind a slow link. */
async function groupWith(
  link: { bytesPerSecond: number; keepsOrder: boolean },
  options: GroupOptions = {},
): Promise<{ group: Group; link: SlowLink; leader: Member }> {
  const links = new Map<ReplicaId, SlowLink>();
  const network: GroupOptions["network"] = (transport) => new SlowTransport(transport, (to) => links.get(to));
  const group = await Group.start(3, { ...options, network });
  let leader = await group.electLeader();
  while (leader.id === n3) {
    group.network.disconnect(n3);
    await group.clock.until(() => group.leader !== undefined && group.leader.id !== n3);
    leader = await group.electLeader();
    group.network.reconnect(n3);
  }
  await group.clock.elapse(1000);
  const slow = new SlowLink(group.clock, link);
  links.set(n3, slow);
  return { group, link: slow, leader };
}

async function write(group: Group, leader: Member, count: number, bytes: number): Promise<void> {
  const value = "v".repeat(bytes);
  for (let n = 0; n < count; n++) {
    const outcome = await group.propose(leader, value);
    expect(outcome.type).toBe("committed");
  }
}

const journalOf = (group: Group) => group.members.get(n3)?.journal.commands.length ?? 0;

describe.each([
  { how: "on separate connections", keepsOrder: false },
  { how: "on a connection that keeps order", keepsOrder: true },
])("a follower behind a slow link catches up, with messages $how", ({ keepsOrder }) => {
  test("five values of 1 MB over 500 KB/s, within twice the link's transfer time", async () => {
    const { group, link, leader } = await groupWith({ bytesPerSecond: 500 * kb, keepsOrder });
    await using _ = group;
    const startMs = group.clock.now();
    await write(group, leader, 5, 1000 * kb);
    await group.clock.until(() => journalOf(group) === 5, 60_000);
    expect(group.clock.now() - startMs).toBeLessThan(20_000);
    expect(link.carriedBytes).toBeLessThan(1.2 * 5000 * kb);
  });

  test("200 values of 16 KB over 250 KB/s, within twice the link's transfer time", async () => {
    const { group, link, leader } = await groupWith({ bytesPerSecond: 250 * kb, keepsOrder });
    await using _ = group;
    const startMs = group.clock.now();
    await write(group, leader, 200, 16 * kb);
    await group.clock.until(() => journalOf(group) === 200, 60_000);
    expect(group.clock.now() - startMs).toBeLessThan(25_600);
    expect(link.carriedBytes).toBeLessThan(1.3 * 3200 * kb);
  });

  test("a value of 1 MB over 20 KB/s, which is slower than anybody assumes", async () => {
    const { group, leader } = await groupWith({ bytesPerSecond: 20 * kb, keepsOrder });
    await using _ = group;
    await write(group, leader, 1, 1000 * kb);
    await group.clock.until(() => journalOf(group) === 1, 300_000);
  });

  test("a snapshot of 1 MB over 150 KB/s, within twice the link's transfer time", async () => {
    const { group, leader } = await groupWith(
      { bytesPerSecond: 150 * kb, keepsOrder },
      { tuning: { retainedLogBytes: 0 } },
    );
    await using _ = group;
    await group.kill(n3);
    await write(group, leader, 20, 50 * kb);
    await group.clock.settled(leader.raft.requestSnapshot());
    await group.startMember(n3);
    const startMs = group.clock.now();
    await group.clock.until(() => journalOf(group) === 20, 60_000);
    expect(group.clock.now() - startMs).toBeLessThan(14_000);
    expect(group.members.get(n3)?.journal.restored).toBe(1);
  });
});

test("a leader with a slow link to all others stays leader", async () => {
  const links = new Map<ReplicaId, SlowLink>();
  const network: GroupOptions["network"] = (transport) => new SlowTransport(transport, (to) => links.get(to));
  await using group = await Group.start(3, { network });
  const leader = await group.electLeader();
  await group.clock.elapse(1000);
  const { term } = leader.raft.getState();
  const uplink = new SlowLink(group.clock, { bytesPerSecond: 400 * kb, keepsOrder: true });
  for (const id of group.ids) if (id !== leader.id) links.set(id, uplink);
  const value = "v".repeat(32 * kb);
  const outcomes = Array.from({ length: 100 }, () =>
    group.clock.settled(leader.raft.propose(bytes(value)), 60_000),
  );
  // Requests that it can't send in time are refused at once. No accepted request is lost.
  const types = (await Promise.all(outcomes)).map(({ type }) => type);
  expect(new Set(types)).toEqual(new Set(["committed", "overloaded"]));
  expect(types.filter((type) => type === "committed").length).toBeGreaterThan(30);
  expect(leader.raft.getState()).toMatchObject({ term, isLeader: true });
});

test("if one message in a hundred is lost, no write waits for a call's timeout", async () => {
  await using group = await Group.start(3, { loss: 0.01 });
  const leader = await group.electLeader();
  const tookMs: number[] = [];
  for (let n = 0; n < 3000; n++) {
    const startMs = group.clock.now();
    expect((await group.propose(leader, `${n}`)).type).toBe("committed");
    tookMs.push(group.clock.now() - startMs);
  }
  tookMs.sort((a, b) => a - b);
  expect(tookMs[2970], "p99").toBeLessThan(250);
  expect(tookMs.at(-1), "the worst").toBeLessThan(500);
});
