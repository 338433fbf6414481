/**
 * Returns the library's `reconnectDelayHandler`: the least time between two attempts at the same server, in ms.
 *
 * The library measures that time by the wall clock. If the clock was set back, the last attempt lies in the future, and the
 * library would wait until the clock reaches it. So one attempt in every two delays, by a monotonic clock, does not wait.
 *
 * @param waitMs delay between two attempts, in ms
 * @param now a monotonic clock, in ms
 */
export function reconnectDelay(waitMs: number, now: () => number): () => number {
  let unwaitedAt = now();
  return () => {
    if (now() - unwaitedAt < 2 * waitMs) return waitMs;
    unwaitedAt = now();
    return Number.NEGATIVE_INFINITY;
  };
}
