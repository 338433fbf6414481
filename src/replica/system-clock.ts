import type { Clock } from "../ports/index.ts";

type Immediate = (callback: () => void) => unknown;

/** Every server runtime has it, but no standard names it. Elsewhere a timer of length 0 replaces it. */
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
