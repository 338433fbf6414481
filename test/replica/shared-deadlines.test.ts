import { expect, test } from "vitest";
import { Deadlines } from "../../src/replica/index.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("a deadline ends no sooner than asked for, and an eighth later at most", async () => {
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

test("no more than ten listen to one signal, or Node would warn of a leak", () => {
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

test("a part of a wait ends with the whole where that is sooner, and with a signal from elsewhere", async () => {
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
