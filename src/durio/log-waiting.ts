import type { Clock, Logger, ReplicaState } from "../ports/index.ts";
import { waitingFor } from "../service/index.ts";

/** Between two looks, in ms. A replica that waits says so after two of them at the latest. */
const LOOK_MS = 10_000;
/** Every look is told at first, then every sixth. */
const OFTEN = 6;

export interface LogWaitingOptions {
  readonly status: () => ReplicaState;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Logs for whom a replica waits as long as it can't take part or knows no leader: every 10 s, and every minute later on.
 *
 * @returns ends it
 */
export function logWaiting({ status, clock, logger }: LogWaitingOptions): () => void {
  let looks = 0;
  let cancel = clock.setTimer(LOOK_MS, look);
  return () => cancel();

  function look(): void {
    cancel = clock.setTimer(LOOK_MS, look);
    const state = status();
    const waiting = waitingFor(state);
    if (waiting === undefined) {
      looks = 0;
      return;
    }
    looks++;
    // An election may be under way at the first look.
    const isNew = state.role !== "newcomer" && looks === 1;
    if (isNew || (looks > OFTEN && looks % OFTEN !== 0)) return;
    const subject = state.role === "newcomer" ? "" : "no leader is known: ";
    logger.warn("{subject}{waiting}", { event: "replica.waiting", subject, waiting });
  }
}
