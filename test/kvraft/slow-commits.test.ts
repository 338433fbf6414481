import { describe, expect, test } from "vitest";
import type { KvReply, KvRequest } from "../../src/kv/index.ts";
import type { Clerk, KvServer } from "../../src/kvraft/index.ts";
import { StoreCluster } from "./store-cluster.ts";

const patient = new AbortController().signal;

/** Commands in a leader's log. */
function entries({ raft }: KvServer): number {
  return raft.status().lastLogIndex;
}

function key(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}

function append(session: number, sequence: number, text = "x"): KvRequest {
  return { type: "kvAppend", key: key("k"), value: key(text), session, sequence, lowestPending: 1 };
}

async function openSession(cluster: StoreCluster, leader: KvServer): Promise<number> {
  const reply = await cluster.within(leader.handle({ type: "kvOpenSession" }, patient));
  if (reply.type !== "session") throw new Error(`no session: ${reply.type}`);
  return reply.session;
}

describe("commits that take longer than a clerk's patience with one attempt", () => {
  const clerks: readonly { who: string; of: (cluster: StoreCluster, leader: KvServer) => Clerk }[] = [
    { who: "beside the leader", of: (_, leader) => leader.clerk() },
    { who: "without knowledge of who leads", of: (cluster) => cluster.clerk() },
  ];
  for (const syncMs of [900, 1500, 2400]) {
    test.each(clerks)(
      `with syncs of ${syncMs} ms 200 writes of a clerk $who are 200 entries`,
      async ({ of }) => {
        await using cluster = await StoreCluster.start({ replicas: 1 });
        const leader = await cluster.electLeader();
        const clerk = of(cluster, leader);
        await cluster.within(clerk.put("k", ""));
        const before = entries(leader);
        cluster.syncMs = syncMs;
        const writes = Array.from({ length: 200 }, () => clerk.append("k", "x", { timeoutMs: 5000 }));
        const results = await cluster.within(Promise.all(writes));
        expect(results.filter(({ type }) => type === "written")).toHaveLength(200);
        expect(entries(leader) - before).toBe(200);
        cluster.syncMs = 0;
        expect((await cluster.text(clerk, "k"))?.length).toBe(200);
      },
    );
  }

  test("a clerk that has no session yet is answered, too", async () => {
    await using cluster = await StoreCluster.start({ replicas: 1 });
    const leader = await cluster.electLeader();
    const before = entries(leader);
    cluster.syncMs = 1500;
    const clerk = leader.clerk();
    const results = await cluster.within(
      Promise.all(Array.from({ length: 200 }, (_, n) => clerk.put(`${n}`, "x"))),
    );
    expect(results.filter(({ type }) => type === "written")).toHaveLength(200);
    expect(entries(leader) - before, "a session and its writes").toBe(201);
  });

  test("writes that a follower passes on are answered, each with one entry", async () => {
    await using cluster = await StoreCluster.start();
    const leader = await cluster.electLeader();
    const follower = [...cluster.servers.values()].find((server) => server !== leader);
    const clerk = follower?.clerk();
    if (clerk === undefined) throw new Error("no follower");
    await cluster.within(clerk.put("k", ""));
    const before = entries(leader);
    cluster.syncMs = 1500;
    const writes: Promise<unknown>[] = [];
    for (let turn = 0; turn < 20; turn++) {
      for (let n = 0; n < 10; n++) writes.push(clerk.append("k", "x"));
      await cluster.clock.elapse(5);
    }
    expect(await cluster.within(Promise.all(writes))).toMatchObject(writes.map(() => ({ type: "written" })));
    expect(entries(leader) - before).toBe(200);
    cluster.syncMs = 0;
    expect((await cluster.text(clerk, "k"))?.length).toBe(200);
  });
});

describe("a repeat of a write whose outcome is open", () => {
  async function slowLeader(): Promise<{ cluster: StoreCluster; leader: KvServer; session: number }> {
    const cluster = await StoreCluster.start();
    const leader = await cluster.electLeader();
    const session = await openSession(cluster, leader);
    cluster.syncMs = 1000;
    return { cluster, leader, session };
  }

  test("waits for the entry of the first request, which outlives the first request's wait", async () => {
    const { cluster, leader, session } = await slowLeader();
    await using _ = cluster;
    const before = entries(leader);
    const controller = new AbortController();
    const first = leader.handle(append(session, 1), controller.signal);
    const others = Array.from({ length: 3 }, () => leader.handle(append(session, 1), patient));
    await cluster.clock.elapse(100);
    controller.abort();
    expect(await cluster.within(first)).toEqual({ type: "unknown" });
    const late = leader.handle(append(session, 1), patient);
    expect(entries(leader) - before).toBe(1);
    const written = { type: "written", revision: entries(leader) };
    expect(await cluster.within(Promise.all([...others, late]))).toEqual([
      written,
      written,
      written,
      written,
    ]);
    expect(entries(leader) - before).toBe(1);
  });

  test("joins neither another write of its session nor one of the same number in another session", async () => {
    const { cluster, leader, session } = await slowLeader();
    await using _ = cluster;
    cluster.syncMs = 0;
    const other = await openSession(cluster, leader);
    cluster.syncMs = 1000;
    const before = entries(leader);
    const tickets = [
      [session, 1],
      [session, 2],
      [other, 1],
      [other, 2],
      [session, 12],
    ] as const;
    const replies = tickets.map(([of, sequence]) => leader.handle(append(of, sequence), patient));
    expect(await cluster.within(Promise.all(replies))).toEqual(
      tickets.map((_ticket, n) => ({ type: "written", revision: before + n + 1 })),
    );
  });

  test("is answered by the session, once the outcome is known", async () => {
    const { cluster, leader, session } = await slowLeader();
    await using _ = cluster;
    const first = await cluster.within(leader.handle(append(session, 1), patient));
    const repeat = await cluster.within(leader.handle(append(session, 1), patient));
    expect(repeat).toEqual(first);
  });

  test("is redirected by a deposed leader, and all waits there end at once", async () => {
    const { cluster, leader, session } = await slowLeader();
    await using _ = cluster;
    cluster.syncMs = 0;
    cluster.network.disconnect(leader.raft.status().id);
    const waiting = [
      leader.handle(append(session, 1), patient),
      leader.handle({ type: "kvOpenSession" }, patient),
      leader.handle({ type: "kvCommitSentinel" }, patient),
    ];
    await cluster.clock.until(() => !leader.raft.getState().isLeader);
    const deposedAt = cluster.clock.now();
    expect(await cluster.within(Promise.all(waiting))).toEqual(waiting.map(() => ({ type: "unknown" })));
    expect(cluster.clock.now()).toBe(deposedAt);
    const repeat = await cluster.within(leader.handle(append(session, 1), patient));
    expect(repeat).toEqual({ type: "notLeader", leader: undefined });
  });

  test("of a write that was lost with its leadership is proposed anew", async () => {
    const { cluster, leader, session } = await slowLeader();
    await using _ = cluster;
    cluster.syncMs = 0;
    const { id } = leader.raft.status();
    cluster.network.disconnect(id);
    const lost = leader.handle(append(session, 1, "lost?"), patient);
    await cluster.clock.until(() =>
      [...cluster.servers.values()].some((s) => s !== leader && s.raft.getState().isLeader),
    );
    const next = [...cluster.servers.values()].find((s) => s !== leader && s.raft.getState().isLeader);
    const made = (await cluster.within(next?.handle(append(session, 1), patient, id) ?? lost)) as KvReply;
    expect(made.type).toBe("written");
    cluster.network.reconnect(id);
    expect(await cluster.within(lost)).toEqual({ type: "unknown" });
    await cluster.clock.elapse(2000);
    const present = await cluster.electLeader();
    expect(await cluster.within(present.handle(append(session, 1), patient, id))).toEqual(made);
    expect(await cluster.text(cluster.clerk(), "k")).toBe("x");
  });
});
