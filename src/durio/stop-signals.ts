import process from "node:process";

/**
 * Signals within this time in ms count as one: a terminal signals the whole process group, and parents such as npm
 * forward the same signal.
 */
const sameWishMs = 500;

/** Calls `graceful` at the first SIGTERM, SIGINT or SIGHUP (terminal closed), and `forced` at the next one. */
export function onStopSignals({ graceful, forced }: { graceful: () => void; forced: () => void }): void {
  let firstMs: number | undefined;
  const signalled = () => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      graceful();
    } else if (performance.now() - firstMs > sameWishMs) {
      forced();
    }
  };
  process.on("SIGTERM", signalled);
  process.on("SIGINT", signalled);
  process.on("SIGHUP", signalled);
}

/** Stops when stdin closes: the parent holds its other end, so it closes however the parent ends. */
export function whenParentEnds(stop: () => void): void {
  process.stdin.once("end", stop);
  process.stdin.resume();
}
