import type { Logger } from "../../src/ports/index.ts";

/** Time until an unchanged reason is logged again, in ms. It doubles each time. */
const reminderMs = 10_000;
const maxReminderMs = 10 * 60_000;

/** Logs why there is no connection: a new reason at once, an unchanged one from time to time. */
export class ReportedWait {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #sinceMs: number;
  #reason = "";
  #nextMs = 0;
  #intervalMs = reminderMs;

  /** @param now a monotonic clock, in ms. Default: the machine's */
  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
    this.#sinceMs = now();
  }

  /** @param reason why the last attempt failed */
  failed(reason: string): void {
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
      this.#intervalMs = Math.min(maxReminderMs, 2 * this.#intervalMs);
    } else return;
    this.#nextMs = now + this.#intervalMs;
  }
}
