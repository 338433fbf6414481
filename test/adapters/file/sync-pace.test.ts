import { describe, expect, test } from "vitest";
import { QUICK_IN_A_ROW, SLOW_MS, SyncPace } from "../../../adapters/file/sync-pace.ts";

/** Ends syncs, each on the event loop if that is allowed. Returns for each whether it was. */
function syncs(pace: SyncPace, count: number, tookMs: number, bytes = 100): boolean[] {
  return Array.from({ length: count }, () => {
    const onLoop = pace.allowsLoop(bytes);
    pace.ended({ bytes, tookMs, onLoop });
    return onLoop;
  });
}

const all = (count: number, onLoop: boolean) => Array.from({ length: count }, () => onLoop);

describe("syncs are on the event loop", () => {
  test("as long as they are quick", () => {
    expect(syncs(new SyncPace(), 1000, 0.39)).toEqual(all(1000, true));
  });

  test("although single ones take longer, but less than the slow time", () => {
    const pace = new SyncPace();
    for (let round = 0; round < 20; round++) {
      expect(syncs(pace, 15, 0.2)).toEqual(all(15, true));
      expect(syncs(pace, 1, SLOW_MS - 0.1)).toEqual([true]);
    }
  });

  test.each([
    [4 * 1024, 0.41, true],
    [64 * 1024, 0.64, true],
    [64 * 1024, 0.66, false],
    [64 * 1024 + 1, 0.1, false],
    [1024 * 1024, 0.1, false],
  ])("with writes of %i bytes that take %d ms: %s", (bytes, tookMs, stay) => {
    const pace = new SyncPace();
    syncs(pace, 500, tookMs, bytes);
    expect(pace.allowsLoop(bytes)).toBe(stay);
  });

  test("again after one large write, which is on a thread even if it takes long", () => {
    const pace = new SyncPace();
    expect(syncs(pace, 1, 50, 1024 * 1024)).toEqual([false]);
    expect(pace.allowsLoop(100)).toBe(true);
  });
});

describe("syncs are on threads", () => {
  test.each([2, 5, 400, 60_000])("after a single one of %d ms", (tookMs) => {
    expect(syncs(new SyncPace(), 1 + 2 * QUICK_IN_A_ROW, tookMs)).toEqual([
      true,
      ...all(2 * QUICK_IN_A_ROW, false),
    ]);
  });

  test.each([0.5, 1, 1.9])("if they take %d ms each, after a few of them", (tookMs) => {
    const onLoop = syncs(new SyncPace(), 40, tookMs).indexOf(false);
    expect(onLoop).toBeGreaterThan(1);
    expect(onLoop * (tookMs - 0.4), "ms that the loop waited beyond the quick time").toBeLessThan(
      SLOW_MS * 4,
    );
  });

  test("until enough in a row were quick, with a change of thread", () => {
    const pace = new SyncPace();
    syncs(pace, 1, SLOW_MS);
    expect(syncs(pace, QUICK_IN_A_ROW - 1, 0.9)).toEqual(all(QUICK_IN_A_ROW - 1, false));
    expect(syncs(pace, 1, 1.1)).toEqual([false]);
    expect(syncs(pace, QUICK_IN_A_ROW, 0.9)).toEqual(all(QUICK_IN_A_ROW, false));
    expect(syncs(pace, 10, 0.1)).toEqual(all(10, true));
  });

  test("of which one that began before the loop was left is not taken for a slow one on it", () => {
    const pace = new SyncPace();
    pace.ended({ bytes: 100, tookMs: 10, onLoop: false });
    expect(pace.allowsLoop(100)).toBe(true);
  });
});

test("a disk that hangs now and then blocks the event loop for one sync each time", () => {
  const pace = new SyncPace();
  for (let round = 0; round < 10; round++) {
    expect(syncs(pace, 1, 5000)).toEqual([true]);
    expect(syncs(pace, 20, 5000)).toEqual(all(20, false));
    expect(syncs(pace, QUICK_IN_A_ROW, 0.2)).toEqual(all(QUICK_IN_A_ROW, false));
    expect(syncs(pace, 100, 0.2)).toEqual(all(100, true));
  }
});

test("a sync on the event loop that was not allowed is a bug", () => {
  const pace = new SyncPace();
  syncs(pace, 1, SLOW_MS);
  expect(() => pace.ended({ bytes: 1, tookMs: 1, onLoop: true })).toThrow("only while syncs are quick");
  expect(() => pace.ended({ bytes: 1, tookMs: -1, onLoop: false })).toThrow("a duration");
});
