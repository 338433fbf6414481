import { describe, expect, test, vi } from "vitest";
import { type KvRequest, KvStore } from "../../src/kv/index.ts";
import { auditService } from "../../src/kvraft/audit-service.ts";
import { commandOf } from "../../src/kvraft/command-of.ts";
import { kvService } from "../../src/kvraft/forwarding/kv-service.ts";
import { replicaId } from "../../src/raft/index.ts";
import { systemRandom } from "../../src/replica/index.ts";
import { StoreCluster } from "./store-cluster.ts";

const { signal } = new AbortController();
const key = new TextEncoder().encode("k");
const forged = new TextEncoder().encode("forged");
const outsider = replicaId("outsider");

/** The session and the next sequence of the clerk that has written so far. */
function ticketOf(cluster: StoreCluster): { readonly session: number; readonly sequence: number } {
  const request = cluster.calls.findLast((call) => call.request.type === "kvAppend")?.request;
  if (request?.type !== "kvAppend") throw new Error("nothing was appended");
  return { session: request.session, sequence: request.sequence + 1 };
}

describe("X5: a replica that knows another one's session", () => {
  test("writes nothing in it, and the owner's next write is made", async () => {
    await using cluster = await StoreCluster.start();
    const clerk = cluster.clerk();
    await cluster.within(clerk.append("k", "a"));
    const leader = await cluster.electLeader();
    const { lastLogIndex } = leader.raft.status();
    const { session, sequence } = ticketOf(cluster);
    for (const id of cluster.ids) {
      const request = {
        type: "kvPut",
        session,
        sequence,
        lowestPending: sequence,
        key,
        value: forged,
      } as const;
      const reply = await cluster.within(leader.handle(request, signal, id));
      expect(reply).toEqual({ type: "sessionExpired" });
    }
    expect(leader.raft.status().lastLogIndex, "the leader proposes nothing").toBe(lastLogIndex);
    expect(await cluster.within(clerk.append("k", "b"))).toMatchObject({ type: "written" });
    expect(await cluster.text(clerk, "k")).toBe("ab");
  });

  test("never joins a pending write of the owner, and the owner never joins its write", async () => {
    await using cluster = await StoreCluster.start();
    const clerk = cluster.clerk();
    await cluster.within(clerk.append("k", "a"));
    const leader = await cluster.electLeader();
    const client = replicaId("client");
    const open = await cluster.within(leader.handle({ type: "kvOpenSession" }, signal, client));
    if (open.type !== "session") throw new Error(`no session: ${open.type}`);
    const write = { type: "kvAppend", key, session: open.session, sequence: 1, lowestPending: 1 } as const;
    const other = cluster.ids.find((id) => id !== leader.raft.status().id);
    // A leader that has not applied the session's entry yet proposes both, and the store decides.
    const unapplied = vi.spyOn(KvStore.prototype, "ownerOf").mockReturnValue(undefined);
    const replies = [
      leader.handle({ ...write, value: forged }, signal, other),
      leader.handle({ ...write, value: new TextEncoder().encode("b") }, signal, client),
    ];
    const [foreign, own] = await cluster.within(Promise.all(replies));
    unapplied.mockRestore();
    expect(foreign).toEqual({ type: "sessionExpired" });
    expect(own).toMatchObject({ type: "written" });
    expect(await cluster.text(clerk, "k")).toBe("ab");
  });

  test("is refused by the guess alone: ids are drawn from 2^53 numbers, by Web Crypto unless the replica has another source", () => {
    const math = vi.spyOn(Math, "random");
    const ids = Array.from({ length: 1000 }, () => {
      const context = { owner: outsider, timeMs: 1, random: systemRandom };
      const command = commandOf({ type: "kvOpenSession" }, context);
      return command.type === "openSession" ? command.session : 0;
    });
    expect(math).not.toHaveBeenCalled();
    math.mockRestore();
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.max(...ids)).toBeGreaterThan(2 ** 52);
    expect(ids.filter((id) => id % 2 === 1).length, "the lowest bit too").toBeGreaterThan(300);
    for (const part of [0, 1 - 2 ** -53]) {
      const command = commandOf(
        { type: "kvOpenSession" },
        { owner: outsider, timeMs: 1, random: () => part },
      );
      expect(command).toMatchObject({ session: part === 0 ? 0 : Number.MAX_SAFE_INTEGER });
    }
  });
});

test("X6: a replica that opens thousands of sessions ends no other replica's session", async () => {
  await using cluster = await StoreCluster.start({ limits: { sessionInUseMs: 1, maxSessionsPerOwner: 50 } });
  const clerk = cluster.clerk();
  await cluster.within(clerk.append("k", "a"));
  const leader = await cluster.electLeader();
  for (let round = 0; round < 20; round++) {
    const opened = Array.from({ length: 500 }, () => leader.handle({ type: "kvOpenSession" }, signal));
    await cluster.within(Promise.all(opened));
  }
  expect(await cluster.within(clerk.append("k", "b"))).toMatchObject({ type: "written" });
  expect(cluster.calls.filter(({ reply }) => reply?.type === "session")).toHaveLength(1);
});

describe("X7: a sender that is neither a replica nor a client of the store", () => {
  const requests: readonly KvRequest[] = [
    { type: "kvGet", key },
    { type: "kvOpenSession" },
    { type: "kvCommitSentinel" },
    { type: "kvPut", key, value: forged, session: 1, sequence: 1, lowestPending: 1 },
  ];

  test.each(requests)("is refused its $type", async (request) => {
    await using cluster = await StoreCluster.start();
    const leader = await cluster.electLeader();
    await using transport = cluster.network.transport(outsider);
    const before = leader.raft.status().lastLogIndex;
    for (const batch of [[request], [request, request]]) {
      const call = kvService(transport).call(leader.raft.status().id, batch, signal);
      await expect(cluster.within(call)).rejects.toMatchObject({
        name: "TransportError",
        reason: "refused",
        message: expect.stringContaining("outsider is neither a replica of the store nor its client"),
      });
    }
    expect(leader.raft.status().lastLogIndex).toBe(before);
  });

  test("is refused its audit", async () => {
    await using cluster = await StoreCluster.start();
    const leader = await cluster.electLeader();
    const audit = { index: 1, hash: "0".repeat(32) };
    await using transport = cluster.network.transport(outsider);
    const call = auditService(transport).call(leader.raft.status().id, audit, signal);
    await expect(cluster.within(call)).rejects.toMatchObject({ reason: "refused" });
    expect(cluster.logged.filter(({ level }) => level === "error")).toEqual([]);
  });
});
