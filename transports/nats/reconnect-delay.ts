/** More than the servers that a connection may know. */
const AT_ONCE = 64;

/**
 * Returns what the library asks before each try to connect: how long ago the last try with that server must be, in ms.
 *
 * The library counts that by the wall clock. If the clock was set back, the last try lies in the future, and the library
 * would wait until the clock comes there. So after a step backwards the next tries, one for each server, don't wait.
 *
 * @param waitMs between two tries, in ms
 * @param wallClock in ms
 */
export function reconnectDelay(waitMs: number, wallClock: () => number): () => number {
  let last = wallClock();
  let atOnce = 0;
  return () => {
    const now = wallClock();
    if (now < last) atOnce = AT_ONCE;
    last = now;
    if (atOnce === 0) return waitMs;
    atOnce--;
    return Number.NEGATIVE_INFINITY;
  };
}
