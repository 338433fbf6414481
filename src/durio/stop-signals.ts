import process from "node:process";

/**
 * Signals within this time in ms count as one: a terminal signals the whole process group, and parents such as npm
 * forward the same signal.
 */
const sameWishMs = 500;

export interface SignalHandlers {
  /** Called at the first signal to stop. */
  readonly graceful: () => void;
  /** Called at the next one. */
  readonly forced: () => void;
  /** Called at each SIGHUP. Default: SIGHUP (terminal closed) is a signal to stop. */
  readonly reload?: (() => void) | undefined;
}

/** Handles the signals that stop a process: SIGTERM, SIGINT and, unless it reloads, SIGHUP. */
export function onStopSignals({ graceful, forced, reload }: SignalHandlers): void {
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
  process.on("SIGHUP", reload ?? signalled);
}

/** Stops when stdin closes: the parent holds its other end, so it closes however the parent ends. */
export function whenParentEnds(stop: () => void): void {
  process.stdin.once("end", stop);
  process.stdin.resume();
}
