import { describe, expect, test } from "vitest";
import { type LogEntry, RaftCore, type RaftTuning } from "../../../src/raft/index.ts";
import { ApplyPace } from "../../../src/raft/log/apply-pace.ts";
import { configOf } from "../core-config.ts";
import { appendEntries, n1, n2, n3, stateOf } from "../inputs.ts";

/** A follower that received committed entries of these sizes. */
function followerWith(dataBytes: readonly number[], tuning: Partial<RaftTuning>): RaftCore {
  const core = new RaftCore(configOf(n1, [n1, n2, n3], tuning), stateOf({ term: 1 }), 0);
  const entries = dataBytes.map((bytes, at): LogEntry => {
    return { index: at + 1, term: 1, type: "command", data: new Uint8Array(bytes) };
  });
  const request = { ...appendEntries(n2, { term: 1, leaderCommit: entries.length }), entries };
  core.step({ type: "request", callId: 1, from: n2, request }, 0);
  const { persist } = core.take();
  if (persist === undefined) throw new Error("nothing was to be written");
  core.step({ type: "persisted", batch: persist }, 0);
  return core;
}

/** The sizes of the slices handed out, if each entry takes `entryMs`. */
function slices(core: RaftCore, entryMs: number, atMost = 1000): number[] {
  const sizes: number[] = [];
  for (let more = true; more && sizes.length < atMost; ) {
    const ready = core.take();
    more = ready.more;
    sizes.push(ready.apply.length);
    const tookMs = entryMs * ready.apply.length;
    core.step({ type: "applied", entries: ready.apply.length, tookMs }, 0);
  }
  return sizes;
}

describe("committed entries are handed out in slices", () => {
  test("of at most maxApplyBytes, a larger entry alone, in order and each once", () => {
    const bytes = [100, 100, 100, 5000, 100, 1500, 200, 200, 200, 200, 200];
    const core = followerWith(bytes, { maxApplyBytes: 1000 });
    const applied: number[][] = [];
    for (let more = true; more; ) {
      const ready = core.take();
      more = ready.more;
      applied.push(ready.apply.map(({ index }) => index));
    }
    expect(applied).toEqual([[1, 2, 3], [4], [5], [6], [7, 8, 9, 10], [11]]);
  });

  test("that double while they are quick, up to maxApplyEntries", () => {
    const core = followerWith(new Array(2000).fill(1), { maxApplyEntries: 500 });
    expect(slices(core, 0.001)).toEqual([16, 32, 64, 128, 256, 500, 500, 500, 4]);
  });

  test("of a slow state machine that take no longer than maxApplyMs, once that is known", () => {
    const core = followerWith(new Array(100).fill(1), { maxApplyMs: 10 });
    const sizes = slices(core, 3);
    expect(sizes[0]).toBe(16);
    expect(new Set(sizes.slice(1, -1))).toEqual(new Set([3]));
  });

  test("one by one, if even one entry takes longer", () => {
    const core = followerWith(new Array(30).fill(1), { maxApplyMs: 10 });
    expect(slices(core, 50)).toEqual([16, ...new Array(14).fill(1)]);
  });
});

test("the pace grows again once a slow moment has passed, and not because of a slice that was not full", () => {
  const pace = new ApplyPace({ maxEntries: 1024, maxMs: 8 });
  pace.applied(1, 800);
  expect(pace.entries).toBe(1);
  for (let n = 0; n < 5; n++) pace.applied(pace.entries, 0);
  expect(pace.entries).toBe(32);
  pace.applied(31, 0);
  expect(pace.entries).toBe(32);
  pace.applied(32, 5);
  expect(pace.entries, "neither quick nor slow").toBe(32);
});
