import { describe, expect, test } from "vitest";
import { ObservedLeadership } from "../../src/kvraft/leadership.ts";
import { LeadershipWatch } from "../../src/kvraft/leadership-watch.ts";
import { replicaId } from "../../src/raft/index.ts";
import { StoreCluster } from "./store-cluster.ts";

const n1 = replicaId("n1");
const n2 = replicaId("n2");

describe("a leader that hangs", () => {
  /** Time from the moment the leader was cut off to the answer of a write that had been passed on to it, in ms. */
  async function gapMs(seed: number): Promise<number> {
    await using cluster = await StoreCluster.start({ seed });
    const leader = await cluster.electLeader();
    const id = leader.raft.status().id;
    const follower = [...cluster.servers.values()].find((server) => server !== leader);
    const clerk = follower?.clerk();
    if (clerk === undefined) throw new Error("no follower");
    await cluster.within(clerk.put("k", "a"));
    // Heartbeats and writes are at no fixed distance.
    await cluster.clock.elapse(50 + (seed % 10) * 5);
    cluster.network.disconnect(id);
    const begin = cluster.clock.now();
    const result = await cluster.within(clerk.append("k", "b"));
    expect(result.type).toBe("written");
    const gap = cluster.clock.now() - begin;
    expect(await cluster.text(clerk, "k"), "made once").toBe("ab");
    return gap;
  }

  test("costs a write that was passed on to it no longer than the election: 0.6 s in the median of 20", async () => {
    const gaps: number[] = [];
    for (let seed = 1; seed <= 20; seed++) gaps.push(await gapMs(seed));
    gaps.sort((a, b) => a - b);
    expect(gaps[10]).toBeLessThanOrEqual(600);
  });
});

describe("a watched wait", () => {
  test("ends at a change of leader or term, and with the wait that it is a part of", () => {
    const leadership = new ObservedLeadership();
    leadership.observe({ term: 1, leader: n1 });
    let changes = 0;
    const watch = new LeadershipWatch(leadership, () => changes++);
    const whole = new AbortController();
    using first = watch.within(whole.signal);
    leadership.observe({ term: 1, leader: n1 });
    expect(first.signal.aborted, "nothing changed").toBe(false);
    leadership.observe({ term: 2, leader: n1 });
    expect(first.signal.aborted, "another term").toBe(true);
    using second = watch.within(whole.signal);
    leadership.observe({ term: 3, leader: n2 });
    expect(second.signal.aborted, "another leader").toBe(true);
    using third = watch.within(whole.signal);
    expect(third.signal.aborted).toBe(false);
    whole.abort();
    expect(third.signal.aborted, "the whole ended").toBe(true);
    using fourth = watch.within(whole.signal);
    expect(fourth.signal.aborted).toBe(true);
    expect(changes, "the first wait learns of n1").toBe(3);
  });

  test("listens only during waits, and notices changes in between", () => {
    const listeners = new Set<() => void>();
    let leader = n1;
    const watch = new LeadershipWatch(
      {
        leader: () => leader,
        changed(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      () => {},
    );
    const { signal } = new AbortController();
    const [first, second] = [watch.within(signal), watch.within(signal)];
    expect(listeners.size).toBe(1);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(listeners.size, "the second still waits").toBe(1);
    second[Symbol.dispose]();
    expect(listeners.size).toBe(0);
    const { changes } = watch;
    leader = n2;
    using _ = watch.within(signal);
    expect(watch.changes).toBe(changes + 1);
  });
});
