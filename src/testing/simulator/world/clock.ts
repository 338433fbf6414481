import type { Clock } from "../../../ports/index.ts";
import type { Host, Scheduler } from "./scheduler.ts";

/** A machine's clock with its drift and its changes by an administrator. It outlives the processes that read it. */
export class MachineClock {
  readonly #scheduler: Scheduler;
  #ratePpm: number;
  #baseUs = 0;
  #sinceUs: number;

  /** @param ratePpm deviation of its rate, in millionths */
  constructor(scheduler: Scheduler, ratePpm: number) {
    this.#scheduler = scheduler;
    this.#ratePpm = ratePpm;
    this.#sinceUs = scheduler.nowUs;
  }

  /** Changes the rate; at 0 the clock stops. */
  setRate(ratePpm: number): void {
    this.#baseUs = this.localUs;
    this.#sinceUs = this.#scheduler.nowUs;
    this.#ratePpm = ratePpm;
  }

  /** Whether its rate is close to real time. */
  get isSteady(): boolean {
    return this.#ratePpm >= 900_000 && this.#ratePpm <= 1_100_000;
  }

  get localUs(): number {
    return this.#baseUs + Math.floor(((this.#scheduler.nowUs - this.#sinceUs) * this.#ratePpm) / 1_000_000);
  }

  /**
   * Returns the clock as a process sees it. Its timers end with the process.
   *
   * @param goesOff called for every timer that fires, and for every requested turn of the event loop
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
