import { drawPlan, type ProfileName, profiles } from "./plan/index.ts";
import { type RunReport, run } from "./run.ts";
import { type Shrunk, shrink } from "./shrink.ts";
import type { Subject } from "./subject.ts";

export interface SimulateOptions {
  /** How many seeds. Default 100. */
  readonly seeds?: number;
  /** The first of them. Default 1. */
  readonly from?: number;
  /** Default `quick`. */
  readonly profile?: ProfileName;
  /** Hears of every run. */
  readonly progress?: (report: RunReport) => void;
}

/** What a campaign of runs came to. */
export interface Simulated<Input> {
  readonly seeds: number;
  /** The first run that broke a property, made smaller. */
  readonly failure: Shrunk<Input> | undefined;
}

/**
 * Runs a subject under one seed after the other, until one of them breaks a property; that one is made smaller.
 *
 * ```ts
 * const { failure } = await simulate(stateMachineSubject({ … }), { seeds: 200 });
 * if (failure) throw new Error(`seed ${failure.report.seed}: ${failure.report.violation?.message}`);
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
