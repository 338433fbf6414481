import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { MemoryStorage, memoryPersister } from "../../adapters/memory/index.ts";
import { encodeCommand, KvStore, MAX_CLOCK_STEP_MS } from "../../src/kv/index.ts";
import { ClusterClock } from "../../src/kvraft/cluster-clock.ts";
import { KvServer } from "../../src/kvraft/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { ManualClock } from "../transports/manual-clock.ts";
import { StoreCluster } from "./store-cluster.ts";

const HOUR_MS = 3_600_000;
const YEARS_MS = 10 * 365 * 24 * HOUR_MS;

function leading(store = { clockMs: 5000, hasLifetimes: false }) {
  const clock = new ManualClock();
  const stamps: number[] = [];
  const time = new ClusterClock({ clock, store, stamp: () => stamps.push(time.now()) });
  time.becameLeader();
  return { clock, time, store, stamps };
}

describe("cluster time", () => {
  test("is the store's time plus the time of the leader's monotonic clock", async () => {
    const { clock, time } = leading();
    expect(time.now()).toBe(5000);
    await clock.advance(400);
    expect(time.now()).toBe(5400);
    await clock.advance(0.7);
    expect(time.now(), "in whole ms, and nothing is lost").toBe(5400);
    await clock.advance(0.7);
    expect(time.now()).toBe(5401);
  });

  test("ages nothing by more than a second during any sleep of a leader", async () => {
    const { clock, time } = leading();
    await clock.advance(20_000);
    expect(time.now()).toBe(6000);
    await clock.advance(YEARS_MS);
    expect(time.now()).toBe(7000);
  });

  test("is never below the store's", () => {
    const { time, store } = leading();
    store.clockMs = 9000;
    expect(time.now()).toBe(9000);
  });

  test("is the store's while this replica does not lead, without the time of an earlier leadership", async () => {
    const { clock, time, store } = leading();
    await clock.advance(900);
    expect(time.now()).toBe(5900);
    time.stoppedLeading();
    expect(time.now()).toBe(5000);
    store.clockMs = 5100;
    await clock.advance(800);
    time.becameLeader();
    expect(time.now()).toBe(5100);
  });

  test("continues in an idle cluster while sessions exist, and keeps no timer otherwise", async () => {
    const { clock, time, store } = leading({ clockMs: 0, hasLifetimes: true });
    for (let half = 0; half < 20; half++) await clock.advance(500);
    expect(time.now()).toBe(10_000);
    expect(clock.pending).toBe(1);
    store.hasLifetimes = false;
    await clock.advance(500);
    expect(clock.pending).toBe(0);
    store.hasLifetimes = true;
    time.now();
    expect(clock.pending).toBe(1);
    time.stoppedLeading();
    expect(clock.pending).toBe(0);
  });

  test("is committed after five minutes without a command while anything can expire, and not again while that is pending", async () => {
    const { clock, time, store, stamps } = leading({ clockMs: 0, hasLifetimes: true });
    const elapse = async (minutes: number) => {
      for (let half = 0; half < 120 * minutes; half++) await clock.advance(500);
    };
    await elapse(4.9);
    expect(stamps).toEqual([]);
    await elapse(0.1);
    expect(stamps).toEqual([300_000]);
    await elapse(4.9);
    expect(stamps, "it was not applied yet").toHaveLength(1);
    store.clockMs = time.now();
    await elapse(4.9);
    expect(stamps, "another command carried the time").toHaveLength(1);
    await elapse(0.1);
    expect(stamps).toHaveLength(2);
    store.hasLifetimes = false;
    await elapse(20);
    expect(stamps).toHaveLength(2);
  });

  test("is no further ahead of the store's than a store follows", async () => {
    const { clock, time } = leading({ clockMs: 0, hasLifetimes: true });
    for (let half = 0; half < 3 * 3600; half++) await clock.advance(500);
    expect(time.now()).toBe(MAX_CLOCK_STEP_MS);
  });
});

/** A leader, from when it was elected on: how much of the log it has applied, and when it proposes. */
const reign = fc.record({
  /** Largest number of entries in its log, when it was elected, that it had not applied. */
  lag: fc.nat({ max: 5 }),
  proposals: fc.array(
    fc.record({ afterMs: fc.oneof(fc.nat({ max: 900 }), fc.nat({ max: 5000 })), catchesUp: fc.boolean() }),
    { maxLength: 8 },
  ),
});

test("the time of a name of the registry passes in an idle cluster, on every replica", async () => {
  await using cluster = await StoreCluster.start();
  await cluster.within(cluster.clerk().register("name", "v"));
  const startedMs = cluster.clock.now();
  await cluster.clock.elapse(11 * 60_000);
  for (const { registry } of cluster.servers.values()) {
    const lagMs = cluster.clock.now() - startedMs - registry.clockMs;
    expect(Math.abs(lagMs)).toBeLessThan(5000);
  }
  const leader = await cluster.electLeader();
  await cluster.kill(leader.raft.status().id);
  const next = await cluster.electLeader();
  await cluster.within(cluster.clerk().commitSentinel());
  expect(next.registry.clockMs).toBeGreaterThan(11 * 60_000 - 5000);
});

test("the stamps of two log entries differ by no more than the time between their proposals, even across leaders", () => {
  fc.assert(
    fc.property(fc.array(reign, { maxLength: 8 }), (reigns) => {
      let realMs = 1000;
      const log: { readonly command: Uint8Array; readonly proposedAtMs: number }[] = [];
      for (const { lag, proposals } of reigns) {
        const store = new KvStore();
        let applied = 0;
        const applyTo = (end: number) => {
          for (; applied < end; applied++)
            store.apply(log[applied]?.command ?? new Uint8Array(), { index: applied + 1 });
        };
        applyTo(Math.max(0, log.length - lag));
        const clock = { now: () => realMs, setTimer: () => () => {}, defer: () => {} };
        const time = new ClusterClock({ clock, store, stamp: () => {} });
        time.becameLeader();
        for (const { afterMs, catchesUp } of proposals) {
          realMs += afterMs;
          if (catchesUp) applyTo(log.length);
          const command = encodeCommand({ type: "commitSentinel", timeMs: time.now() });
          log.push({ command, proposedAtMs: realMs });
        }
      }
      const store = new KvStore();
      const times = log.map(({ command, proposedAtMs }, at) => {
        store.apply(command, { index: at + 1 });
        return { clockMs: store.clockMs, proposedAtMs };
      });
      for (const [at, later] of times.entries()) {
        for (const earlier of times.slice(0, at)) {
          expect(later.clockMs - earlier.clockMs).toBeLessThanOrEqual(
            later.proposedAtMs - earlier.proposedAtMs,
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

describe("a session survives", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([
    ["an hour and a minute forward", HOUR_MS + 60_000],
    ["ten years forward", YEARS_MS],
    ["ten years back", -YEARS_MS],
  ])("a step of its leader's wall clock: %s", async (_, stepMs) => {
    const id = replicaId("n1");
    const storage = new MemoryStorage();
    await using server = await KvServer.start({
      id,
      voters: [id],
      transport: new LoopbackNetwork({ clusterId: "test" }).transport(id),
      persister: memoryPersister({ clusterId: "test", replicaId: id, storage }),
    });
    for await (const { role } of server.raft.changes()) if (role === "leader") break;
    const { signal } = new AbortController();
    const opened = await server.handle({ type: "kvOpenSession" }, signal);
    if (opened.type !== "session") throw new Error(`no session: ${opened.type}`);
    const key = new TextEncoder().encode("k");
    const put = (sequence: number) =>
      server.handle(
        { type: "kvPut", session: opened.session, sequence, lowestPending: 1, key, value: key },
        signal,
      );
    expect(await put(1)).toMatchObject({ type: "written" });
    const real = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => real() + stepMs);
    expect(await put(2)).toMatchObject({ type: "written" });
    expect(await put(3)).toMatchObject({ type: "written" });
  });

  test("a change of leaders", async () => {
    await using cluster = await StoreCluster.start({ limits: { sessionTtlMs: 10_000 } });
    const clerk = cluster.clerk();
    await cluster.within(clerk.put("k", "a"));
    await cluster.clock.elapse(7000);
    const leader = await cluster.electLeader();
    await cluster.kill(leader.raft.status().id);
    expect(await cluster.within(clerk.append("k", "b"))).toMatchObject({ type: "written" });
    expect(cluster.calls.filter(({ reply }) => reply?.type === "session")).toHaveLength(1);
  });

  test("after one stamp that is ten years ahead, expiry continues ten minutes later", () => {
    const store = new KvStore({ sessionTtlMs: HOUR_MS });
    const apply = (index: number, timeMs: number) =>
      store.apply(encodeCommand({ type: "commitSentinel", timeMs }), { index });
    store.apply(encodeCommand({ type: "openSession", timeMs: 0, session: 1, owner: "n1" }), { index: 1 });
    apply(2, YEARS_MS);
    expect(store.clockMs).toBe(MAX_CLOCK_STEP_MS);
    expect(store.hasLifetimes).toBe(true);
    for (let minute = 1; minute <= 61; minute++) apply(2 + minute, MAX_CLOCK_STEP_MS + minute * 60_000);
    expect(store.hasLifetimes).toBe(false);
  });
});

test("an unused session expires by cluster time, in an idle cluster too", async () => {
  await using cluster = await StoreCluster.start({ limits: { sessionTtlMs: 10_000 } });
  const leader = await cluster.electLeader();
  const { signal } = new AbortController();
  const opened = await cluster.within(leader.handle({ type: "kvOpenSession" }, signal));
  if (opened.type !== "session") throw new Error(`no session: ${opened.type}`);
  const key = new TextEncoder().encode("k");
  const put = (sequence: number) =>
    leader.handle(
      { type: "kvPut", session: opened.session, sequence, lowestPending: 1, key, value: key },
      signal,
    );
  await cluster.clock.elapse(9500);
  expect(await cluster.within(put(1))).toMatchObject({ type: "written" });
  await cluster.clock.elapse(11_000);
  expect(await cluster.within(put(2))).toMatchObject({ type: "sessionExpired" });
});
