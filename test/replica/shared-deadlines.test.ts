import { expect, test } from "vitest";
import { Deadlines } from "../../src/replica/index.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("a deadline ends no sooner than requested, and at most an eighth later", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const first = deadlines.after(800);
  await clock.elapse(90);
  const second = deadlines.after(800);
  await clock.elapse(799);
  expect([first.signal.aborted, second.signal.aborted]).toEqual([false, false]);
  await clock.elapse(101);
  expect([first.signal.aborted, second.signal.aborted]).toEqual([true, true]);
});

test("at most ten listeners share a signal, because Node warns of a leak otherwise", () => {
  const deadlines = new Deadlines(new VirtualClock());
  const users = new Map<AbortSignal, number>();
  for (let wait = 0; wait < 100; wait++) {
    const { signal } = deadlines.after(1000);
    users.set(signal, (users.get(signal) ?? 0) + 1);
  }
  expect(Math.max(...users.values())).toBeLessThanOrEqual(10);
  expect(users.size, "and yet they are shared").toBeLessThan(20);
});

test("no timer outlives the waits that it is for", () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const waits = [deadlines.after(1000), deadlines.after(1000)];
  for (const wait of waits) wait[Symbol.dispose]();
  waits[0]?.[Symbol.dispose]();
  expect(clock.timers).toBe(0);
  using later = deadlines.after(1000);
  expect(later.signal.aborted).toBe(false);
});

test("a part of a wait ends with the whole if that is sooner, and with another signal", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const whole = deadlines.after(1000);
  expect(deadlines.within(whole, 2000).signal).toBe(whole.signal);
  const part = deadlines.within(whole, 100);
  await clock.elapse(113);
  expect([part.signal.aborted, whole.signal.aborted]).toEqual([true, false]);

  const elsewhere = new AbortController();
  const within = deadlines.within(deadlines.after(1000, elsewhere.signal), 500);
  elsewhere.abort();
  expect(within.signal.aborted).toBe(true);
});
