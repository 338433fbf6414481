import { describe, expect, test } from "vitest";
import { KvStore } from "../../src/kv/index.ts";
import { AppliedRegistry } from "../../src/kvraft/applied-registry.ts";
import { Clerk, type KvServer, type RegistryView } from "../../src/kvraft/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { ManualClock } from "../transports/manual-clock.ts";
import { StoreCluster } from "./store-cluster.ts";

const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
const { signal } = new AbortController();

function shownBy(registry: RegistryView, name: string): string | undefined {
  return text(registry.get(name)?.value);
}

async function followerOf(cluster: StoreCluster): Promise<KvServer> {
  const leader = await cluster.electLeader();
  const follower = [...cluster.servers.values()].find((server) => server !== leader);
  if (follower === undefined) throw new Error("no follower");
  return follower;
}

describe("Clerk.register", () => {
  test("sets a name on all replicas, and each shows it when it has reached the revision", async () => {
    await using cluster = await StoreCluster.start();
    const clerk = (await followerOf(cluster)).clerk();
    const written = await cluster.within(clerk.register("token/ci", "hash", { event: "made ci" }));
    if (written.type !== "written") throw new Error(`not written: ${written.type}`);
    for (const { registry } of cluster.servers.values()) {
      expect(await cluster.within(registry.reached(written.revision, signal))).toBe(true);
      expect(registry.get("token/ci")).toMatchObject({ name: "token/ci", revision: written.revision });
      expect(shownBy(registry, "token/ci")).toBe("hash");
      expect(registry.entries("token/")).toHaveLength(1);
      expect(registry.entries("tokens/")).toHaveLength(0);
      expect(registry.events().map(({ content }) => text(content))).toEqual(["made ci"]);
    }
  });

  test("changes nothing if the expected revision is another one, and says which one it is", async () => {
    await using cluster = await StoreCluster.start();
    const clerk = cluster.clerk();
    const first = await cluster.within(clerk.register("name", "a", { expected: 0 }));
    if (first.type !== "written") throw new Error(`not written: ${first.type}`);
    const conflict = { type: "conflict", revision: first.revision };
    expect(await cluster.within(clerk.register("name", "b", { expected: 0 }))).toEqual(conflict);
    expect(await cluster.within(clerk.register("name", undefined, { expected: 1 }))).toEqual(conflict);
    const { revision: expected } = first;
    expect(await cluster.within(clerk.register("name", undefined, { expected }))).toMatchObject({
      type: "written",
    });
    expect(cluster.leader?.registry.get("name")).toBeUndefined();
  });

  test("is refused if the registry is full", async () => {
    await using cluster = await StoreCluster.start({ limits: { maxRegistryNames: 1 } });
    const clerk = cluster.clerk();
    await cluster.within(clerk.register("a", "v"));
    expect(await cluster.within(clerk.register("b", "v"))).toEqual({ type: "registryFull" });
  });

  for (const seed of [1, 2, 3]) {
    test(`takes effect once, although requests and replies are lost (seed ${seed})`, async () => {
      await using cluster = await StoreCluster.start({ seed, dropRate: 0.15 });
      const clerk = cluster.clerk({ attemptTimeoutMs: 100, timeoutMs: 60_000 });
      let expected = 0;
      for (let n = 1; n <= 20; n++) {
        const registering = clerk.register("n", `${n}`, { expected, event: `${n}` });
        const result = await cluster.within(registering, 100_000);
        if (result.type !== "written") throw new Error(`${n} was not written: ${result.type}`);
        expected = result.revision;
      }
      const events = cluster.leader?.registry.events().map(({ content }) => text(content));
      expect(events).toEqual(Array.from({ length: 20 }, (_, n) => `${n + 1}`));
      expect(cluster.calls.filter(({ reply }) => reply === undefined).length).toBeGreaterThan(0);
    });
  }

  test("refuses arguments beyond their limits, and sends nothing", async () => {
    const clerk = new Clerk({ replicas: [replicaId("n1")], call: () => Promise.reject(new Error("called")) });
    await expect(clerk.register("", "v")).rejects.toThrow("name: must be 1 to 128 bytes of text");
    await expect(clerk.register("n", "v".repeat(4097))).rejects.toThrow("value: must be at most 4096 bytes");
    await expect(clerk.register("n", "v", { event: "e".repeat(1025) })).rejects.toThrow(
      "event: must be at most 1024",
    );
    await expect(clerk.register("n", "v", { expected: -1 })).rejects.toThrow(
      "expected: must be a revision or 0",
    );
  });

  test("has no outcome if it exceeds the largest message of the transport", async () => {
    const replies = [
      { type: "session", session: 1 },
      { type: "notCarried", limitBytes: 1 },
    ] as const;
    let at = 0;
    const clerk = new Clerk({
      replicas: [replicaId("n1")],
      call: async () => replies[at++] ?? { type: "unknown" },
    });
    const refused = { type: "unavailable", outcome: "none", reason: "notCarried" };
    expect(await clerk.register("n", "v")).toEqual(refused);
  });
});

describe("the registry of a replica", () => {
  test("calls its listeners after each change, not after refused or repeated ones, and after a snapshot", async () => {
    await using cluster = await StoreCluster.start({ tuning: { retainedLogBytes: 1 } });
    const follower = await followerOf(cluster);
    const { id } = follower.raft.status();
    const seen: (string | undefined)[] = [];
    const stop = follower.registry.changed(() => seen.push(shownBy(follower.registry, "name")));
    const clerk = cluster.clerk({ timeoutMs: 20_000 });
    const reached = async () => {
      const sentinel = await cluster.within(clerk.commitSentinel());
      if (sentinel.type !== "written") throw new Error("no sentinel");
      await cluster.within(follower.registry.reached(sentinel.revision, signal));
    };
    await cluster.within(clerk.register("name", "a"));
    await cluster.within(clerk.register("name", "b", { expected: 0 }));
    const request = cluster.calls.find((call) => call.request.type === "kvRegister")?.request;
    if (request === undefined) throw new Error("nothing was registered");
    await cluster.within((await cluster.electLeader()).handle(request, signal, replicaId("client")));
    await cluster.within(clerk.put("k", "v"));
    await reached();
    expect(seen).toEqual(["a"]);

    cluster.network.disconnect(id);
    for (const value of ["c", "d"]) await cluster.within(clerk.register("name", value));
    const newest = await cluster.within(clerk.register("other", "v"));
    await cluster.clock.settled((await cluster.electLeader()).raft.requestSnapshot());
    cluster.network.reconnect(id);
    const revision = newest.type === "written" ? newest.revision : 0;
    expect(await cluster.within(follower.registry.reached(revision, signal))).toBe(true);
    expect(seen, "the state of a snapshot comes at once").toEqual(["a", "d"]);
    stop();
    await cluster.within(clerk.register("name", "e"));
    await reached();
    expect(seen).toHaveLength(2);
  });

  test("is kept across a restart of all replicas, and has no listener called for what was there before", async () => {
    await using cluster = await StoreCluster.start();
    await cluster.within(cluster.clerk().register("name", "a", { event: "made" }));
    for (const id of cluster.ids) await cluster.kill(id);
    for (const id of cluster.ids) await cluster.startServer(id);
    const clerk = cluster.clerk();
    await cluster.within(clerk.commitSentinel());
    expect(shownBy((await cluster.electLeader()).registry, "name")).toBe("a");
    expect(cluster.leader?.registry.events()).toHaveLength(1);
  });

  test("ends a wait for a revision with the signal, and when the replica stops", async () => {
    await using cluster = await StoreCluster.start();
    const follower = await followerOf(cluster);
    const controller = new AbortController();
    const waits = [
      follower.registry.reached(1_000_000, controller.signal),
      follower.registry.reached(1_000_000, signal),
    ];
    controller.abort();
    expect(await waits[0]).toBe(false);
    await cluster.kill(follower.raft.status().id);
    expect(await waits[1]).toBe(false);
    expect(await follower.registry.reached(1_000_000, signal), "at once").toBe(false);
    expect(await follower.registry.reached(0, signal)).toBe(true);
    expect(() => follower.registry.reached(-1, signal)).toThrow("revision: must be an integer from 0");
  });
});

describe("the registry's clock", () => {
  function applied(): {
    clock: ManualClock;
    store: { clockMs: number; registry: KvStore["registry"] };
    view: AppliedRegistry;
  } {
    const clock = new ManualClock();
    const store = { clockMs: 5000, registry: new KvStore().registry };
    return { clock, store, view: new AppliedRegistry({ store, clock }) };
  }

  test("is cluster time as applied, plus the time since", async () => {
    const { clock, store, view } = applied();
    expect(view.clockMs).toBe(5000);
    await clock.advance(300);
    expect(view.clockMs).toBe(5300);
    store.clockMs = 6000;
    view.applied(1, false);
    expect(view.clockMs).toBe(6000);
    await clock.advance(100);
    view.applied(2, false);
    expect(view.clockMs, "a command without a newer stamp changes nothing").toBe(6100);
  });

  test("never decreases, although a stamp may be behind it", async () => {
    const { clock, store, view } = applied();
    await clock.advance(900);
    expect(view.clockMs).toBe(5900);
    store.clockMs = 5100;
    view.applied(1, false);
    expect(view.clockMs).toBe(5900);
  });

  test("counts at most ten minutes without a stamp, in which a cluster with a leader has one", async () => {
    const { clock, view } = applied();
    await clock.advance(3_600_000);
    expect(view.clockMs).toBe(5000 + 600_000);
  });
});
