import type { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { leaderKnown, post, startCluster, startOne, type TestReplica } from "./cluster.ts";

const voters = ["n1", "n2", "n3"];

async function statusOf(app: Hono): Promise<Record<string, unknown>> {
  return (await app.request("/status")).json();
}

/** Resolves when the cluster is complete and the probe passes. */
async function ready({ app, store }: TestReplica): Promise<void> {
  if (!store.raft.status().leader) await leaderKnown(store);
  while ((await app.request("/readyz")).status !== 200) {
    if (!store.raft.status().leader) await leaderKnown(store);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("/status", () => {
  test("shows the state and progress of a replica", async () => {
    const app = await startOne();
    await post(app, "/kvstore/put", { key: "k", value: "v" });
    const { uptimeMs, commitIndex, disk, ...status } = await statusOf(app);
    const written = { writeInFlightMs: null, lastWriteMs: expect.any(Number) };
    expect(disk).toEqual({ ...written, hangs: false, shortage: null });
    expect(uptimeMs).toBeGreaterThanOrEqual(0);
    expect(status).toEqual({
      ...{ id: "n1", clusterId: "test", role: "leader", term: 1, leader: "n1", peers: [], snapshotIndex: 0 },
      ...{ lastApplied: commitIndex, lastLogIndex: commitIndex },
      ...{ transport: "loopback", persister: "memory", version: "1.2.3" },
      ...{ audit: null, malformedCommand: null, waitingFor: null, seal: null, tls: null },
      ...{ clusterUid: expect.stringMatching(/^\w{4}-\w{4}$/), starts: null },
    });
  });

  test("a leader shows the progress of its peers, and when they last answered", async () => {
    const replicas = await startCluster({ voters });
    await Promise.all(replicas.map(ready));
    const statuses = await Promise.all(replicas.map(({ app }) => statusOf(app)));
    const leader = statuses.find(({ role }) => role === "leader");
    expect(leader?.peers).toEqual(
      voters
        .filter((id) => id !== leader?.id)
        .map((id) => ({
          ...{ id, matchIndex: leader?.commitIndex, lastContactMs: expect.any(Number) },
          ...{ lostAcknowledged: false, lastFailure: null, refused: null },
        })),
    );
    const follower = statuses.find(({ role }) => role === "follower");
    expect(follower?.leader).toBe(leader?.id);
    expect(follower?.peers).toEqual(
      voters
        .filter((id) => id !== follower?.id)
        .map((id) => ({
          ...{ id, matchIndex: null, lastContactMs: null, lostAcknowledged: null },
          ...{ lastFailure: null, refused: null },
        })),
    );
  });
});

describe("probes", () => {
  test("a replica that lives is healthy, whether or not there is a quorum", async () => {
    const [one] = await startCluster({ voters, started: ["n1"] });
    expect((await one?.app.request("/healthz"))?.status).toBe(200);
  });

  test("a replica that lost its leader is not ready, and can become ready later", async () => {
    const [one, ...others] = await startCluster({ voters });
    if (one === undefined) throw new Error("no replica was started");
    await ready(one);
    await Promise.all(others.map(({ store }) => store.kill()));
    for await (const { leader } of one.store.raft.changes()) if (leader === undefined) break;
    const response = await one.app.request("/readyz");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ status: 503, retryable: true, outcome: "none" });
  });

  test("a replica of a cluster that has never been complete is ready, so that a rollout one by one does not wait forever", async () => {
    const [one] = await startCluster({ voters, started: ["n1"] });
    expect((await one?.app.request("/readyz"))?.status).toBe(200);
  });

  test("a replica is ready once it has applied what was committed before it started", async () => {
    const replicas = await startCluster({ voters });
    await Promise.all(replicas.map(ready));
    for (const { store } of replicas) expect(store.raft.status().lastApplied).toBeGreaterThan(0);
  });
});
