import { describe, expect, test } from "vitest";
import { auditService } from "../../src/kvraft/audit-service.ts";
import type { KvServer } from "../../src/kvraft/index.ts";
import { StateHashes } from "../../src/kvraft/state-hashes.ts";
import { judge } from "../../src/kvraft/verdict.ts";
import { type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";
import { StoreCluster, type StoreClusterOptions } from "./store-cluster.ts";

const [n1, n2, n3] = [replicaId("n1"), replicaId("n2"), replicaId("n3")];
const auditIntervalMs = 1000;
const large = "v".repeat(50_000);

async function started(options: StoreClusterOptions = {}) {
  const cluster = await StoreCluster.start({ auditIntervalMs, ...options });
  const leader = await cluster.electLeader();
  const leaderId = leader.raft.status().id;
  const followers = cluster.ids.filter((id) => id !== leaderId);
  const errors = (id: ReplicaId) =>
    cluster.logged.filter((line) => line.id === id && line.level === "error").map(({ text }) => text);
  const audit = (id: ReplicaId) => cluster.servers.get(id)?.soundness.audit;
  /** Lets time pass until the leader has the hashes of all others after `index`. */
  const compared = (index: number, by: KvServer = leader) =>
    cluster.clock.until(() => {
      const { audit } = by.soundness;
      return audit !== undefined && audit.index > index && Object.keys(audit.agrees).length === 2;
    });
  return { cluster, leader, leaderId, followers, errors, audit, compared };
}

/** Changes a byte of a large value in the memory of the leader: what it reads is a view. */
async function rot(cluster: StoreCluster, leader: KvServer, key: string): Promise<void> {
  const request = { type: "kvGet", key: new TextEncoder().encode(key) } as const;
  const reply = await cluster.within(leader.handle(request, new AbortController().signal));
  if (reply.type !== "value" || reply.value === undefined) throw new Error("nothing was read");
  reply.value[100] = 0;
}

describe("an audit", () => {
  test("finds replicas with the same data equal, on all of them, and raises no alarm", async () => {
    const { cluster, leaderId, followers, audit, compared } = await started();
    await using _ = cluster;
    await cluster.within(cluster.clerk().put("k", large));
    await compared(0);
    expect(audit(leaderId)?.agrees).toEqual(Object.fromEntries(followers.map((id) => [id, true])));
    for (const id of followers) {
      expect(audit(id)).toEqual({ ...audit(leaderId), agrees: { [leaderId]: true } });
    }
    expect(cluster.logged.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("is not repeated while nothing is applied", async () => {
    const { cluster, leader, compared } = await started();
    await using _ = cluster;
    await cluster.within(cluster.clerk().put("k", "v"));
    await compared(0);
    const { lastApplied } = leader.raft.status();
    await cluster.clock.elapse(20 * auditIntervalMs);
    expect(leader.raft.status().lastApplied).toBe(lastApplied);
  });

  test("makes the leader name the follower with wrong data, and the follower report that it differs", async () => {
    const { cluster, leaderId, followers, errors, audit, compared } = await started({
      seed: 3,
      wrongLimits: { of: n1, limits: { maxValueBytes: 10 } },
    });
    await using _ = cluster;
    expect(leaderId, "the one with other limits must follow: draw another seed").not.toBe(n1);
    await cluster.within(cluster.clerk().put("k", large));
    await compared(0);
    const other = followers.find((id) => id !== n1) ?? n1;
    expect(audit(leaderId)?.agrees).toEqual({ [n1]: false, [other]: true });
    expect(errors(leaderId).at(-1)).toContain("the data of n1 is wrong");
    expect(audit(leaderId)?.alarm).toContain("n1");
    expect(audit(n1)?.agrees).toEqual({ [leaderId]: false });
    expect(errors(n1)).toEqual([
      expect.stringContaining(`n1 against ${leaderId}; it is not known which is wrong`),
    ]);
    expect(errors(other)).toEqual([]);
  });

  test("names the leader, if it is the one whose memory has rotted", async () => {
    const { cluster, leader, leaderId, followers, errors, audit, compared } = await started();
    await using _ = cluster;
    const clerk = cluster.clerk();
    await cluster.within(clerk.put("k", large));
    await compared(0);
    const { index = 0 } = audit(leaderId) ?? {};
    await rot(cluster, leader, "k");
    await cluster.within(clerk.put("other", "v"));
    await compared(index);
    expect(audit(leaderId)?.agrees).toEqual(Object.fromEntries(followers.map((id) => [id, false])));
    expect(errors(leaderId).at(-1)).toContain(`the data of ${leaderId} is wrong`);
    for (const id of followers) expect(errors(id)).toHaveLength(1);
  });

  test("gets no reply if its sender is not a peer, who could otherwise raise an alarm", async () => {
    const { cluster, leaderId, errors, audit, compared } = await started();
    await using _ = cluster;
    await cluster.within(cluster.clerk().put("k", "v"));
    await compared(0);
    await using unknown = cluster.network.transport(replicaId("unknown"));
    const { index = 0 } = audit(leaderId) ?? {};
    const question = { index, hash: "0".repeat(32) };
    const answered = auditService(unknown).call(leaderId, question, new AbortController().signal);
    answered.catch(() => {});
    await cluster.clock.elapse(100);
    await expect(answered).rejects.toThrow("unknown is not a peer");
    expect(errors(leaderId)).toEqual([]);
    expect(Object.keys(audit(leaderId)?.agrees ?? {})).toHaveLength(2);
  });

  test("keeps the alarm on show when the difference is gone", async () => {
    const { cluster, leader, leaderId, audit, compared } = await started();
    await using _ = cluster;
    const clerk = cluster.clerk();
    await cluster.within(clerk.put("k", large));
    await rot(cluster, leader, "k");
    await compared(0);
    const first = audit(leaderId);
    await cluster.within(clerk.put("k", "overwritten"));
    await compared(first?.index ?? 0);
    expect(Object.values(audit(leaderId)?.agrees ?? {})).toEqual([true, true]);
    expect(audit(leaderId)?.alarm).toBe(first?.alarm);
  });

  test("waits for a replica that lags, and calls it again", async () => {
    const { cluster, leader, followers, audit, compared, leaderId } = await started();
    await using _ = cluster;
    const [lagging = n1] = followers;
    await cluster.clock.elapse(200);
    cluster.network.disconnect(lagging);
    await cluster.within(cluster.clerk({ replicas: [leaderId] }).put("k", large));
    const others = followers.filter((id) => id !== lagging);
    await cluster.clock.until(() => Object.keys(audit(leaderId)?.agrees ?? {}).length > 0);
    expect(Object.keys(audit(leaderId)?.agrees ?? {})).toEqual(others);
    cluster.network.reconnect(lagging);
    await compared(0, leader);
    expect(audit(leaderId)?.agrees[lagging]).toBe(true);
  });
});

describe("the verdict on", () => {
  test.each([
    ["one replica", { n1: "a" }, { type: "agree" }],
    ["three alike", { n1: "a", n2: "a", n3: "a" }, { type: "agree" }],
    ["two of three that differ, while the third is not known", { n1: "a", n2: "b" }, { odd: [] }],
    ["one of three that differs", { n1: "a", n2: "b", n3: "a" }, { odd: ["n2"] }],
    ["three that all differ", { n1: "a", n2: "b", n3: "c" }, { odd: [] }],
  ] as const)("%s", (_, hashes, verdict) => {
    const known = new Map(Object.entries(hashes).map(([id, hash]) => [replicaId(id), hash]));
    expect(judge(known, 3)).toMatchObject(verdict);
  });

  test("five replicas of which two differ in different ways", () => {
    const known = new Map(
      [n1, n2, n3, replicaId("n4"), replicaId("n5")].map((id, at) => [id, "aaabc"[at] ?? ""]),
    );
    expect(judge(known, 5)).toMatchObject({
      odd: ["n4", "n5"],
      groups: [["n1", "n2", "n3"], ["n4"], ["n5"]],
    });
  });
});

describe("the hashes of a state", () => {
  const fail = (bug: unknown) => {
    throw bug;
  };

  test("report a bug in the code that gets them", async () => {
    const clock = new VirtualClock();
    const bugs: unknown[] = [];
    const bug = new Error("a rule does not hold");
    const found = () => {
      throw bug;
    };
    new StateHashes({ clock, found, fail: (error) => bugs.push(error) }).take(1, () => []);
    await clock.idle();
    expect(bugs).toEqual([bug]);
  });

  function* pieces(log: string[], name: string): Generator<Uint8Array> {
    for (let piece = 0; piece < 10; piece++) {
      log.push(`${name} ${piece}`);
      yield new Uint8Array(64 << 10);
    }
  }

  test("are made in slices, between which other work runs, and of one state at a time", async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const found: number[] = [];
    const hashes = new StateHashes({ clock, fail, found: (index) => found.push(index) });
    hashes.take(1, () => pieces(log, "one"));
    hashes.take(2, () => pieces(log, "two"));
    expect([hashes.hashing, log.length]).toEqual([1, 0]);
    let turns = 0;
    const turn = () => {
      log.push("other work");
      if (++turns < 8) clock.defer(turn);
    };
    clock.defer(turn);
    await clock.idle();
    expect(found).toEqual([1]);
    expect(log.join()).toMatch(/one 1,other work,one 2/);
    expect(log.filter((line) => line.startsWith("two"))).toEqual([]);
    expect([hashes.at(2), hashes.hashing]).toEqual([undefined, undefined]);
    hashes.take(3, () => pieces(log, "three"));
    await clock.idle();
    expect(hashes.at(3)).toBe(hashes.at(1));
  });

  test("are remembered for the newest audits only", async () => {
    const clock = new VirtualClock();
    const hashes = new StateHashes({ clock, fail, found: () => {} });
    for (let index = 1; index <= 10; index++) {
      hashes.take(index, () => []);
      await clock.idle();
    }
    expect([hashes.at(2), hashes.at(3)]).toEqual([undefined, hashes.at(10)]);
    expect(hashes.at(3)).toBeDefined();
  });
});
