import { Worker } from "node:worker_threads";
import type { ProfileName } from "../../src/testing/simulator/index.ts";
import type { TimedReport } from "./tally.ts";

export interface FleetOptions {
  readonly from: number;
  readonly seeds: number;
  readonly profile: ProfileName;
  readonly jobs: number;
  /** Whether clients in replicas take the short way of their clerk. */
  readonly short?: boolean;
  readonly done: (timed: TimedReport) => void;
  /** Called before each seed; ends the campaign if true. */
  readonly enough: () => boolean;
}

/** Runs seeds on several cores. Reports arrive in any order. */
export async function runFleet(options: FleetOptions): Promise<void> {
  const { from, seeds, profile, jobs, short = false, done, enough } = options;
  let next = from;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { profile, short } });
      const handOut = () => {
        if (next < from + seeds && !enough()) worker.postMessage(next++);
        else worker.terminate().then(() => resolve(), reject);
      };
      worker.on("message", (timed: TimedReport) => {
        done(timed);
        handOut();
      });
      worker.on("error", reject);
      handOut();
    });
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, work));
}
