import { expect, test } from "vitest";
import type { LeadershipChange } from "../../src/replica/index.ts";
import { Group } from "./group.ts";

/** Collects a stream; `ended` resolves with it. */
function collect(stream: AsyncIterable<LeadershipChange>): {
  seen: LeadershipChange[];
  ended: Promise<void>;
} {
  const seen: LeadershipChange[] = [];
  const read = async () => {
    for await (const change of stream) seen.push(change);
  };
  return { seen, ended: read() };
}

test("the stream has the current state, then each change of role, term and leader in order", async () => {
  await using group = await Group.start(1);
  const [member] = group.members.values();
  if (member === undefined) throw new Error("no member");
  const controller = new AbortController();
  const { seen, ended } = collect(member.raft.changes({ signal: controller.signal }));
  await group.electLeader();
  await group.clock.idle();
  expect(seen.map(({ role }) => role)).toEqual(["follower", "candidate", "leader"]);
  expect(seen.at(-1)).toEqual({ role: "leader", term: 1, leader: member.id });
  controller.abort();
  await ended;
});

test("it ends with the replica", async () => {
  await using group = await Group.start(1);
  const leader = await group.electLeader();
  const { seen, ended } = collect(leader.raft.changes());
  await group.kill(leader.id);
  await ended;
  expect(seen).toEqual([{ role: "leader", term: 1, leader: leader.id }]);
});
