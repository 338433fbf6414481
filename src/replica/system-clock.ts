import type { Clock } from "../ports/index.ts";

type Immediate = (callback: () => void) => unknown;

/** What every server runtime has and no standard names; elsewhere a timer of no length has to do. */
const immediate: Immediate =
  (globalThis as { setImmediate?: Immediate }).setImmediate ?? ((callback) => setTimeout(callback, 0));

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, Math.ceil(delayMs));
    return () => clearTimeout(timer);
  },
  defer: (callback) => {
    immediate(callback);
  },
};
