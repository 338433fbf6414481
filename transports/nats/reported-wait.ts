import type { Logger } from "../../src/ports/index.ts";

/** How long it is until the log says again why there is no connection, in ms; doubled each time. */
const reminderMs = 10_000;
const rarestReminderMs = 10 * 60_000;

/** Says why there is no connection: at once if the reason is new, and again from time to time if it stays. */
export class ReportedWait {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #sinceMs: number;
  #reason = "";
  #nextMs = 0;
  #intervalMs = reminderMs;

  /** @param now a clock that never falls, in ms. Default: the machine's */
  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
    this.#sinceMs = now();
  }

  goesOn(reason: string): void {
    const now = this.#now();
    if (reason !== this.#reason) {
      this.#reason = reason;
      this.#intervalMs = reminderMs;
      this.#logger.warn("waiting for NATS: {reason}", { event: "nats.waiting", reason });
    } else if (now >= this.#nextMs) {
      const seconds = Math.round((now - this.#sinceMs) / 1000);
      this.#logger.error("still waiting for NATS after {seconds} s: {reason}", {
        event: "nats.waiting",
        seconds,
        reason,
      });
      this.#intervalMs = Math.min(rarestReminderMs, 2 * this.#intervalMs);
    } else return;
    this.#nextMs = now + this.#intervalMs;
  }
}
