import { describe, expect, test } from "vitest";
import type { RaftRequest } from "../../src/raft/index.ts";
import { MAX_TERM, MAX_TERM_LEAD } from "../../src/raft/terms.ts";
import { TermGuard } from "../../src/replica/term-guard.ts";
import { raftService } from "../../src/rpc/index.ts";
import { appendEntries, installSnapshot, n1, n2, n3, requestVote } from "../raft/inputs.ts";
import { bytes, Group } from "./group.ts";

const highest = Number.MAX_SAFE_INTEGER;

/** Requests that another program may send in n3's name, with a term that no election reached. */
const requests: readonly RaftRequest[] = [
  appendEntries(n3, { term: highest }),
  appendEntries(n3, { term: MAX_TERM + 1 }),
  appendEntries(n3, { term: MAX_TERM }),
  requestVote(n3, { term: highest, last: `9@${highest}` }),
  requestVote(n3, { term: highest, preVote: true }),
  installSnapshot(n3, { term: highest, last: "9@9", bytes: "", done: true }),
];

/** Three replicas, of which n3 is played by the test. */
async function withStranger(reply: (request: RaftRequest) => object): Promise<Group> {
  const group = await Group.start(3);
  await group.electLeader();
  await group.kill(n3);
  await raftService(group.network.transport(n3)).serve(
    async (_, request) => ({ type: request.type, ...reply(request) }) as never,
  );
  return group;
}

describe("§5.1 an impossible term", () => {
  test.each(requests)(
    "in a request ($type of term $term) is refused, and changes nothing",
    async (request) => {
      await using group = await Group.start(3);
      await group.electLeader();
      await group.clock.elapse(1000);
      const before = [...group.members.values()].map(({ raft }) => raft.getState());
      await group.kill(n3);
      const intruder = raftService(group.network.transport(n3));
      for (const to of [n1, n2]) {
        const call = group.clock.settled(intruder.call(to, request, new AbortController().signal));
        await expect(call).rejects.toThrow(/can't be a term of this cluster/);
      }
      const leader = await group.electLeader();
      expect(await group.propose(leader, "a")).toMatchObject({ type: "committed" });
      expect(leader.raft.getState().term - (before[0]?.term ?? 0)).toBeLessThan(3);
    },
  );

  test("in a reply counts as no reply", async () => {
    await using group = await withStranger(() => ({
      term: highest,
      voteGranted: false,
      success: false,
      round: 0,
    }));
    await group.clock.elapse(5000);
    const leader = await group.electLeader();
    expect(leader.raft.getState().term).toBeLessThan(10);
    expect(await group.clock.settled(leader.raft.propose(bytes("a")))).toMatchObject({ type: "committed" });
  });

  test("is logged once for each peer until it sends a plausible one", () => {
    const lines: unknown[] = [];
    const silent = () => {};
    const error = (_: string, fields?: object) => lines.push(fields);
    const core = { currentTerm: 7 };
    const guard = new TermGuard(core, {
      debug: silent,
      info: silent,
      warn: silent,
      error,
    });
    guard.check(n2, MAX_TERM_LEAD + 7);
    for (const term of [MAX_TERM_LEAD + 8, highest]) expect(() => guard.check(n2, term)).toThrow(`${term}`);
    core.currentTerm = MAX_TERM - 1;
    expect(() => guard.check(n3, highest)).toThrow(`up to ${MAX_TERM}`);
    expect(lines).toMatchObject([{ from: n2 }, { from: n3 }]);
    guard.check(n2, 8);
    expect(() => guard.check(n2, highest)).toThrow();
    expect(lines).toHaveLength(3);
  });
});
