import type { Clock } from "../../../ports/index.ts";
import type { Host, Scheduler } from "./scheduler.ts";

/** A machine's clock as its crystal and its administrator would have it. It outlives the processes that read it. */
export class MachineClock {
  readonly #scheduler: Scheduler;
  #ratePpm: number;
  #baseUs = 0;
  #sinceUs: number;

  /** @param ratePpm how fast it runs, in millionths of true time */
  constructor(scheduler: Scheduler, ratePpm: number) {
    this.#scheduler = scheduler;
    this.#ratePpm = ratePpm;
    this.#sinceUs = scheduler.nowUs;
  }

  /** From now on it runs at this rate; at 0 it stands still. */
  setRate(ratePpm: number): void {
    this.#baseUs = this.localUs;
    this.#sinceUs = this.#scheduler.nowUs;
    this.#ratePpm = ratePpm;
  }

  /** Whether it runs about as fast as time. */
  get isSteady(): boolean {
    return this.#ratePpm >= 900_000 && this.#ratePpm <= 1_100_000;
  }

  get localUs(): number {
    return this.#baseUs + Math.floor(((this.#scheduler.nowUs - this.#sinceUs) * this.#ratePpm) / 1_000_000);
  }

  /**
   * The clock as a process sees it: its timers end with it.
   *
   * @param goesOff hears of every timer that goes off, and of every turn of the event loop that was asked for
   */
  of(host: Host, goesOff: (kind: "timer" | "turn") => void): Clock {
    const scheduler = this.#scheduler;
    const after = (delayUs: number, kind: "timer" | "turn", callback: () => void) =>
      scheduler.after(delayUs, host, () => {
        goesOff(kind);
        callback();
      });
    return {
      now: () => this.localUs / 1000,
      setTimer: (delayMs, callback) => after(this.#trueUs(delayMs), "timer", callback),
      defer: (callback) => {
        after(0, "turn", callback);
      },
    };
  }

  #trueUs(localMs: number): number {
    const ratePpm = this.#ratePpm === 0 ? 1_000_000 : this.#ratePpm;
    return Math.ceil((localMs * 1000 * 1_000_000) / ratePpm);
  }
}
