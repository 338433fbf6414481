/**
 * Returns what the library asks before each try to connect: how long ago the last try with that server must be, in ms.
 *
 * The library counts that by the wall clock. If the clock was set back, the last try lies in the future, and the library
 * would wait until the clock comes there. So now and then, by a monotonic clock, a try does not wait.
 *
 * @param waitMs between two tries, in ms
 * @param now on a monotonic clock, in ms
 */
export function reconnectDelay(waitMs: number, now: () => number): () => number {
  let unwaitedAt = now();
  return () => {
    if (now() - unwaitedAt < 2 * waitMs) return waitMs;
    unwaitedAt = now();
    return Number.NEGATIVE_INFINITY;
  };
}
