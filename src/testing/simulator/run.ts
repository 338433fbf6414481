import { type Property, Violation } from "./monitor/index.ts";
import type { Plan } from "./plan/index.ts";
import { recover } from "./recovery.ts";
import type { Subject } from "./subject.ts";
import type { OperationCounts } from "./workload.ts";
import { type RunOptions, World } from "./world.ts";

/** The report of one run, with the violation if there was one. */
export interface RunReport {
  /** Of the plan. */
  readonly seed: number;
  /** Of all events, in hexadecimal: equal runs have equal hashes. */
  readonly hash: string;
  /** The number of events. */
  readonly events: number;
  /** The length of the run, in virtual ms. */
  readonly virtualMs: number;
  /** Number of times that each kind of fault happened. */
  readonly faults: Readonly<Record<string, number>>;
  /** The operations by outcome. */
  readonly operations: OperationCounts;
  /** Operations that were answered during the faults. */
  readonly doneDuringFaults: number;
  /** The number of terms that had a leader. */
  readonly leaderships: number;
  /**
   * The longest time without an acknowledged write at a majority's replica, as a share of the bound; see
   * `writeBoundMs`.
   */
  readonly longestShareOfBound: number;
  /** The situations that occurred; see `marks`. */
  readonly marks: readonly string[];
  /** The first property that did not hold; undefined if all held. */
  readonly violation: { readonly property: Property; readonly message: string } | undefined;
}

/**
 * Runs a plan: first with its faults, then healed, to check that the cluster recovers.
 *
 * @param plan see {@link drawPlan}
 * @param subject what is simulated
 * @param options listeners, and further checks
 * @returns the report, with any violation
 * @example
 * ```ts
 * import { drawPlan, kvSubject, profiles, run } from "ruaft/testing/simulator";
 *
 * const plan = drawPlan(7, { ...profiles.quick, faultMs: 2000, operations: 20 }, kvSubject);
 * const { violation } = await run(plan, kvSubject);
 * console.log(violation); // undefined
 * ```
 */
export async function run<Input, Output>(
  plan: Plan<Input>,
  subject: Subject<Input, Output>,
  options: RunOptions = {},
): Promise<RunReport> {
  const world = new World(plan, subject, options);
  for (const machine of world.machines) machine.start();
  world.nemesis.schedule(plan.faults, plan.faultMs);
  world.availability.watch(plan.faultMs);
  world.workload.schedule(plan.operations, { alive: true, pausedUntilUs: 0 });
  await world.elapse(plan.faultMs);
  const doneDuringFaults = world.workload.counts.done;
  if (world.violation === undefined) await recover(world);
  if (world.violation === undefined) checkHistory(world);
  return {
    seed: plan.seed,
    hash: world.trace.hash,
    events: world.trace.events,
    virtualMs: Math.round(world.scheduler.nowUs / 1000),
    faults: Object.fromEntries(world.nemesis.counts),
    operations: world.workload.counts,
    doneDuringFaults,
    longestShareOfBound: world.availability.longestShare,
    marks: [...world.trace.marks],
    leaderships: world.monitor.ledger.leaderships,
    violation: world.violation && { property: world.violation.property, message: world.violation.message },
  };
}

/** P8, and with it P9. */
function checkHistory<Input, Output>(world: World<Input, Output>): void {
  const { verdict, partitions } = world.subject.check(world.workload.history);
  if (partitions.some(({ linearization }) => linearization.some(({ output }) => output === undefined))) {
    world.trace.marks.add("a write of unknown outcome that took effect");
  }
  if (verdict === "linearizable") return;
  const [{ name, stuck } = { name: "", stuck: undefined }] = partitions;
  const where = `the history${name === "" ? "" : ` of ${name}`}`;
  const what = stuck === undefined ? "" : `: ${JSON.stringify(stuck.input)} has no place in it`;
  world.fail(
    new Violation(
      "P8",
      verdict === "illegal" ? `${where} is not linearizable${what}` : `${where} is undecided`,
    ),
  );
}
