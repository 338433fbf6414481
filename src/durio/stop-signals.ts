import process from "node:process";

/** A terminal signals a whole group, and parents such as npm pass the same signal on once more: that is one wish. */
const sameWishMs = 500;

/** Calls `inOrder` at the first SIGTERM, SIGINT or SIGHUP (the terminal is gone), and `atOnce` at the next. */
export function onStopSignals({ inOrder, atOnce }: { inOrder: () => void; atOnce: () => void }): void {
  let firstMs: number | undefined;
  const signalled = () => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      inOrder();
    } else if (performance.now() - firstMs > sameWishMs) {
      atOnce();
    }
  };
  process.on("SIGTERM", signalled);
  process.on("SIGINT", signalled);
  process.on("SIGHUP", signalled);
}

/** A parent holds the other end of stdin; that closes however the parent ends. */
export function whenParentEnds(stop: () => void): void {
  process.stdin.once("end", stop);
  process.stdin.resume();
}
