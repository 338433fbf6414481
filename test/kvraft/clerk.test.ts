import { describe, expect, test } from "vitest";
import type { KvReply, KvRequest } from "../../src/kv/index.ts";
import { Clerk } from "../../src/kvraft/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";
import { StoreCluster } from "./store-cluster.ts";

describe("calls", () => {
  test("put, append, get and commitSentinel, from a clerk that knows no leader", async () => {
    await using cluster = await StoreCluster.start();
    const clerk = cluster.clerk();
    const first = await cluster.within(clerk.put("k", "Hello "));
    const second = await cluster.within(clerk.append("k", "World!"));
    expect(await cluster.text(clerk, "k")).toBe("Hello World!");
    expect(await cluster.text(clerk, "missing")).toBeUndefined();
    const sentinel = await cluster.within(clerk.commitSentinel());
    const revisions = [first, second, sentinel].map((result) =>
      result.type === "written" ? result.revision : 0,
    );
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    expect(revisions[0]).toBeGreaterThan(0);
  });

  test("reach the leader through any replica", async () => {
    await using cluster = await StoreCluster.start();
    await cluster.electLeader();
    await cluster.clock.elapse(100);
    for (const id of cluster.ids) {
      const clerk = cluster.clerk({ replicas: [id, ...cluster.ids.filter((other) => other !== id)] });
      expect(await cluster.within(clerk.put("k", id))).toMatchObject({ type: "written" });
      expect(await cluster.text(clerk, "k")).toBe(id);
    }
  });

  test("continue with the next leader if the current one dies meanwhile", async () => {
    await using cluster = await StoreCluster.start();
    const clerk = cluster.clerk();
    await cluster.within(clerk.put("k", "a"));
    const dying = cluster.leader?.raft.status().id ?? replicaId("n1");
    cluster.network.disconnect(dying);
    const writing = clerk.append("k", "b", { timeoutMs: 20_000 });
    await cluster.clock.elapse(50);
    await cluster.kill(dying);
    expect(await cluster.within(writing)).toMatchObject({ type: "written" });
    expect(await cluster.text(clerk, "k")).toBe("ab");
  });

  test("a value beyond the limit is refused, and written nowhere", async () => {
    await using cluster = await StoreCluster.start({ limits: { maxValueBytes: 4 } });
    const clerk = cluster.clerk();
    await cluster.within(clerk.put("k", "1234"));
    const tooLarge = { type: "tooLarge", limitBytes: 4 };
    expect(await cluster.within(clerk.append("k", "5"))).toEqual(tooLarge);
    expect(await cluster.within(clerk.put("k", "12345"))).toEqual(tooLarge);
    expect(await cluster.text(clerk, "k")).toBe("1234");
  });

  test("a write that exceeds the message limit, after an attempt at another replica without a reply, may have been written there", async () => {
    const replies: KvReply[] = [{ type: "session", session: 1 }, { type: "unknown" }];
    const call = async () => replies.shift() ?? ({ type: "notCarried", limitBytes: 4 } as const);
    const clerk = new Clerk({ replicas: [replicaId("n1"), replicaId("n2")], call });
    const uncertain = { type: "unavailable", outcome: "unknown", reason: "notCarried" };
    expect(await clerk.put("k", "12345")).toEqual(uncertain);
    expect(await clerk.put("k", "12345"), "asked once").toEqual({ type: "tooLarge", limitBytes: 4 });
  });

  test("the store's refusal as too large is final, even after an attempt without a reply", async () => {
    const replies: KvReply[] = [{ type: "session", session: 1 }, { type: "unknown" }];
    const call = async () => replies.shift() ?? ({ type: "tooLarge", limitBytes: 4 } as const);
    const clerk = new Clerk({ replicas: [replicaId("n1"), replicaId("n2")], call });
    expect(await clerk.put("k", "12345")).toEqual({ type: "tooLarge", limitBytes: 4 });
  });

  test("a clerk of no replicas is misuse", () => {
    expect(() => new Clerk({ replicas: [], call: () => Promise.reject() })).toThrow("replicas: at least one");
  });
});

describe("exactly once", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    test(`writes whose requests and replies are lost take effect once (seed ${seed})`, async () => {
      await using cluster = await StoreCluster.start({ seed, dropRate: 0.15 });
      const clerk = cluster.clerk({ attemptTimeoutMs: 100, timeoutMs: 60_000 });
      for (let n = 0; n < 20; n++) {
        const result = await cluster.within(clerk.append("k", `${n},`), 100_000);
        expect(result.type).toBe("written");
      }
      const expected = Array.from({ length: 20 }, (_, n) => `${n},`).join("");
      expect(await cluster.text(clerk, "k")).toBe(expected);
      expect(cluster.calls.filter(({ reply }) => reply === undefined).length).toBeGreaterThan(0);
    });
  }

  test("2000 concurrent calls of one clerk are all made, each once", async () => {
    await using cluster = await StoreCluster.start();
    const clerk = cluster.clerk();
    await cluster.within(clerk.put("k", ""));
    const writes = Array.from({ length: 2000 }, () => clerk.append("k", "x"));
    const results = await cluster.within(Promise.all(writes));
    expect(results.filter(({ type }) => type === "written").length).toBe(2000);
    expect((await cluster.text(clerk, "k"))?.length).toBe(2000);
  });

  test("a write in a session that the store has ended fails, and the next one opens another", async () => {
    await using cluster = await StoreCluster.start({ limits: { maxSessions: 1, sessionInUseMs: 1 } });
    const [first, second] = [cluster.clerk(), cluster.clerk()];
    for (const clerk of [first, second]) await cluster.within(clerk.append("k", "x"));
    // It had no effect, but if the request was repeated, a clerk could not know that.
    const refused = await cluster.within(first.append("k", "y"));
    expect(refused).toEqual({ type: "unavailable", outcome: "unknown", reason: "sessionExpired" });
    expect(await cluster.within(first.append("k", "z"))).toMatchObject({ type: "written" });
    expect(await cluster.text(first, "k")).toBe("xxz");
  });

  test("a session that was not used for long is replaced before the store has ended it", async () => {
    await using cluster = await StoreCluster.start({ limits: { sessionTtlMs: 2000 } });
    const clerk = cluster.clerk({ sessionIdleMs: 1000 });
    await cluster.within(clerk.append("k", "x"));
    await cluster.clock.elapse(3000);
    expect(await cluster.within(clerk.append("k", "y"))).toMatchObject({ type: "written" });
    const opened = cluster.calls.filter(({ reply }) => reply?.type === "session");
    expect(opened.length).toBe(2);
  });

  test("a write is not made again if its request was duplicated and one copy found the session ended", async () => {
    // The simulator's seed 2493: the second of two copies was refused, and its refusal came first.
    const sent: string[] = [];
    const call = async (_to: unknown, request: KvRequest): Promise<KvReply> => {
      sent.push(request.type);
      return request.type === "kvOpenSession" ? { type: "session", session: 1 } : { type: "sessionExpired" };
    };
    const clock = new VirtualClock();
    const clerk = new Clerk({ call, replicas: [replicaId("n1")], clock });
    const refused = await clock.settled(clerk.append("k", "x"));
    expect(refused).toEqual({ type: "unavailable", outcome: "unknown", reason: "sessionExpired" });
    expect(sent).toEqual(["kvOpenSession", "kvAppend"]);
  });

  test("a write that may have been made is never repeated in a new session", async () => {
    await using cluster = await StoreCluster.start({ limits: { maxSessions: 1, sessionInUseMs: 1 } });
    const [clerk, other] = [cluster.clerk({ attemptTimeoutMs: 200 }), cluster.clerk()];
    await cluster.within(clerk.append("k", "a"));
    const leader = cluster.leader?.raft.status().id ?? replicaId("n1");
    // The request arrives, its reply does not. Then another clerk's session replaces this one.
    cluster.network.cut(leader, replicaId("client"));
    const writing = clerk.append("k", "b", { timeoutMs: 20_000 });
    await cluster.clock.elapse(100);
    cluster.network.heal(leader, replicaId("client"));
    await cluster.within(other.put("other", "x"));
    expect(await cluster.within(writing)).toEqual({
      type: "unavailable",
      outcome: "unknown",
      reason: "sessionExpired",
    });
    expect(await cluster.text(other, "k")).toBe("ab");
  });
});

describe("without a quorum", () => {
  /** A cluster whose clerk has a session, and of which only the leader still runs. */
  async function lonely(): Promise<{ cluster: StoreCluster; clerk: Clerk }> {
    const cluster = await StoreCluster.start();
    const clerk = cluster.clerk({ timeoutMs: 2000 });
    await cluster.within(clerk.put("k", "a"));
    const leader = cluster.leader?.raft.status().id;
    for (const id of cluster.ids) if (id !== leader) await cluster.kill(id);
    return { cluster, clerk };
  }

  test("a read times out without an effect, and a write with an unknown outcome", async () => {
    const { cluster, clerk } = await lonely();
    await using _ = cluster;
    const begin = cluster.clock.now();
    const [read, write] = [clerk.get("k"), clerk.put("k", "b")];
    expect(await cluster.within(read)).toEqual({ type: "unavailable", outcome: "none", reason: "noLeader" });
    expect(await cluster.within(write)).toEqual({
      type: "unavailable",
      outcome: "unknown",
      reason: "noLeader",
    });
    expect(cluster.clock.now() - begin).toBeLessThanOrEqual(2000 * 1.125);
  });

  test("a write that never got a session wrote nothing", async () => {
    const { cluster } = await lonely();
    await using _ = cluster;
    const other = cluster.clerk({ timeoutMs: 500 });
    expect(await cluster.within(other.put("k", "b"))).toEqual({
      type: "unavailable",
      outcome: "none",
      reason: "noLeader",
    });
  });

  test("each call ends at its own deadline, even if several wait for the same session", async () => {
    const { cluster } = await lonely();
    await using _ = cluster;
    const other = cluster.clerk();
    const patient = other.put("k", "b", { timeoutMs: 30_000 });
    const begin = cluster.clock.now();
    await cluster.within(other.put("k", "c", { timeoutMs: 200 }));
    expect(cluster.clock.now() - begin).toBeLessThanOrEqual(225);
    const others = cluster.ids.filter((id) => !cluster.servers.has(id));
    for (const id of others) await cluster.startServer(id);
    expect(await cluster.within(patient)).toMatchObject({ type: "written" });
  });

  test("a signal ends the wait at once", async () => {
    const { cluster, clerk } = await lonely();
    await using _ = cluster;
    const controller = new AbortController();
    const calls = Promise.all([
      clerk.get("k", { signal: controller.signal }),
      clerk.put("k", "b", { signal: controller.signal }),
      clerk.commitSentinel({ signal: controller.signal }),
    ]);
    await cluster.clock.elapse(100);
    controller.abort();
    const begin = cluster.clock.now();
    const results = await cluster.within(calls);
    expect(cluster.clock.now()).toBe(begin);
    expect(results.map(({ type }) => type)).toEqual(["unavailable", "unavailable", "unavailable"]);
    const late = await clerk.put("k", "c", { signal: controller.signal });
    expect(late).toEqual({ type: "unavailable", outcome: "none", reason: "timeout" });
  });
});

describe("an overloaded cluster", () => {
  test("is tried again after growing pauses, until it accepts the write", async () => {
    const askedAtMs: number[] = [];
    const clock = new VirtualClock();
    const call = async (_to: unknown, request: KvRequest): Promise<KvReply> => {
      if (request.type === "kvOpenSession") return { type: "session", session: 1 };
      askedAtMs.push(clock.now());
      return clock.now() < 4000 ? { type: "overloaded" } : { type: "written", revision: 2 };
    };
    const clerk = new Clerk({ call, replicas: [replicaId("n1")], clock, random: () => 0.5 });
    expect(await clock.settled(clerk.put("k", "v"))).toEqual({ type: "written", revision: 2 });
    const pauses = askedAtMs.slice(1).map((atMs, n) => atMs - (askedAtMs[n] ?? 0));
    expect(pauses).toEqual([20, 40, 80, 160, 320, 640, 640, 640, 640, 640, 640]);
    const refused = await clock.settled(clerk.put("k", "v", { timeoutMs: 5000 }));
    expect(refused).toMatchObject({ type: "written" });
  });

  test("is the reason if it never does", async () => {
    const clock = new VirtualClock();
    const call = async (): Promise<KvReply> => ({ type: "overloaded" });
    const clerk = new Clerk({ call, replicas: [replicaId("n1")], clock });
    const refused = await clock.settled(clerk.put("k", "v"));
    expect(refused).toEqual({ type: "unavailable", outcome: "none", reason: "overloaded" });
  });

  test("because all sessions are in use refuses another writer, and ends no active session", async () => {
    await using cluster = await StoreCluster.start({ limits: { maxSessions: 20 } });
    const clerks = Array.from({ length: 24 }, () => cluster.clerk());
    const first = await cluster.within(Promise.all(clerks.map((clerk) => clerk.put("k", "v"))));
    const refused = { type: "unavailable", outcome: "none", reason: "tooManySessions" };
    expect(first.filter(({ type }) => type === "written")).toHaveLength(20);
    expect(first.filter(({ type }) => type !== "written")).toEqual([refused, refused, refused, refused]);
    const second = await cluster.within(Promise.all(clerks.map((clerk) => clerk.put("k", "v"))));
    expect(second.map(({ type }) => type)).toEqual(first.map(({ type }) => type));
    // Idle sessions of the first are ended.
    await cluster.clock.elapse(60_000);
    const third = await cluster.within(Promise.all(clerks.slice(-4).map((clerk) => clerk.put("k", "v"))));
    expect(third).toMatchObject(third.map(() => ({ type: "written" })));
  });
});

describe("a transport that repeats requests", () => {
  test("makes the outcome of a refused write unknown: it may come again when that replica leads", async () => {
    const refusing = async (_to: unknown, request: KvRequest): Promise<KvReply> =>
      request.type === "kvOpenSession"
        ? { type: "session", session: 1 }
        : { type: "notLeader", leader: undefined };
    const clock = new VirtualClock();
    const clerk = new Clerk({ call: refusing, replicas: [replicaId("n1")], clock, timeoutMs: 200 });
    const refused = await clock.settled(clerk.put("k", "v"));
    expect(refused).toEqual({ type: "unavailable", outcome: "unknown", reason: "noLeader" });
  });
});
