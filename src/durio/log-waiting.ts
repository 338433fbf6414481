import type { Clock, Logger, ReplicaState } from "../ports/index.ts";
import { waitingFor } from "../service/index.ts";

/** Interval of the checks in ms. A replica that waits is logged at the second check at the latest. */
const LOOK_MS = 10_000;
/** The first checks are all logged; later ones only every sixth time. */
const OFTEN = 6;

export interface LogWaitingOptions {
  readonly status: () => ReplicaState;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Logs which peers a replica waits for while it cannot take part or knows no leader: every 10 s, later every minute.
 *
 * @returns stops the logging
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
    // An election may be running at the first check.
    const isNew = state.role !== "bootstrapping" && looks === 1;
    if (isNew || (looks > OFTEN && looks % OFTEN !== 0)) return;
    const subject = state.role === "bootstrapping" ? "" : "no leader is known: ";
    logger.warn("{subject}{waiting}", { event: "replica.waiting", subject, waiting });
  }
}
