import { drawPlan, type ProfileName, profiles } from "./plan/index.ts";
import { type RunReport, run } from "./run.ts";
import { type Shrunk, shrink } from "./shrink.ts";
import type { Subject } from "./subject.ts";

/** Options of `simulate`. */
export interface SimulateOptions {
  /** Number of seeds. Default: 100. */
  readonly seeds?: number;
  /** The first seed. Default: 1. */
  readonly from?: number;
  /** Default: `quick`. */
  readonly profile?: ProfileName;
  /** Called after every run. */
  readonly progress?: (report: RunReport) => void;
}

/** The result of a campaign of runs. */
export interface Simulated<Input> {
  /** The number of seeds that ran. */
  readonly seeds: number;
  /** The first failing run, made smaller. */
  readonly failure: Shrunk<Input> | undefined;
}

/**
 * Runs a subject with one seed after another until a property is broken. That run is made smaller.
 *
 * @param subject what is simulated
 * @param options the seeds, 100 by default
 * @returns the number of seeds that ran, and the failure if there was one
 * @example
 * ```ts
 * import { kvSubject, simulate } from "ruaft/testing/simulator";
 *
 * const { seeds, failure } = await simulate(kvSubject, { seeds: 2, from: 700 });
 * if (failure) throw new Error(`seed ${failure.report.seed}: ${failure.report.violation?.message}`);
 * console.log(seeds); // 2
 * ```
 */
export async function simulate<Input, Output>(
  subject: Subject<Input, Output>,
  { seeds = 100, from = 1, profile = "quick", progress = () => {} }: SimulateOptions = {},
): Promise<Simulated<Input>> {
  for (let seed = from; seed < from + seeds; seed++) {
    const plan = drawPlan(seed, profiles[profile], subject);
    const report = await run(plan, subject);
    progress(report);
    if (report.violation !== undefined) {
      return { seeds: seed - from + 1, failure: await shrink(plan, subject) };
    }
  }
  return { seeds, failure: undefined };
}
