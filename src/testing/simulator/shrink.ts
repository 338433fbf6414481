import { OUTSIDE, type Plan } from "./plan/index.ts";
import { type RunReport, run } from "./run.ts";
import type { Subject } from "./subject.ts";
import type { NetworkClass } from "./world/index.ts";

/** Options of `shrink`. */
export interface ShrinkOptions {
  /** Maximum number of runs. Default: 500. */
  readonly maxRuns?: number;
  /** Called with every smaller plan that still fails. */
  readonly progress?: (plan: Plan<unknown>, runs: number) => void;
}

/** A failing plan, and its failure. */
export interface Shrunk<Input> {
  /** The smallest one found. */
  readonly plan: Plan<Input>;
  /** Of its run. */
  readonly report: RunReport;
  /** Number of runs that it took. */
  readonly runs: number;
}

/**
 * Makes a failing plan smaller while it breaks the same property: leaves out faults, operations, replicas and clients,
 * shortens the rest, and calms network and disks (delta debugging).
 *
 * @param plan one that fails
 * @param subject that it fails with
 * @param options the number of runs, and a listener
 * @returns the smallest plan found that still breaks the property
 * @throws RangeError if the plan does not fail
 * @example
 * ```ts
 * import { modelOf } from "ruaft/testing/linearizability";
 * import { drawPlan, profiles, run, shrink, stateMachineSubject } from "ruaft/testing/simulator";
 *
 * // Counts wrong from 20 on.
 * const counter = stateMachineSubject({
 *   name: "counter",
 *   stateMachine: () => {
 *     let count = 0;
 *     return {
 *       apply: ([amount = 0]: Uint8Array) => (count += amount + Math.floor(count / 20)),
 *       snapshot: () => [new TextEncoder().encode(String(count))],
 *       async restore(chunks: AsyncIterable<Uint8Array>) {
 *         let text = "";
 *         for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
 *         count = Number(text);
 *       },
 *     };
 *   },
 *   encode: (amount: number) => Uint8Array.of(amount),
 *   draw: (random) => random.between(0, 9),
 *   model: modelOf({
 *     name: "counter",
 *     initial: 0,
 *     apply: (count, amount: number) => ({ state: count + amount, output: count + amount }),
 *   }),
 * });
 * const profile = { ...profiles.quick, faultMs: 1000, operations: 20 };
 * const plan = drawPlan(1, profile, counter);
 * const { violation } = await run(plan, counter);
 * console.log(violation?.property); // P8
 *
 * const smaller = await shrink(plan, counter, { maxRuns: 50 });
 * console.log(smaller.plan.operations.length < plan.operations.length); // true
 * ```
 */
export async function shrink<Input, Output>(
  plan: Plan<Input>,
  subject: Subject<Input, Output>,
  { maxRuns = 500, progress = () => {} }: ShrinkOptions = {},
): Promise<Shrunk<Input>> {
  let runs = 1;
  let report = await run(plan, subject);
  if (report.violation === undefined) throw new RangeError(`plan: seed ${plan.seed} breaks nothing`);
  const { property } = report.violation;
  let smallest = plan;
  const tryOut = async (candidate: Plan<Input>): Promise<boolean> => {
    if (runs >= maxRuns) return false;
    runs++;
    const outcome = await run(candidate, subject);
    if (outcome.violation?.property !== property) return false;
    report = outcome;
    smallest = candidate;
    progress(smallest, runs);
    return true;
  };
  for (let before: Plan<Input> | undefined; before !== smallest && runs < maxRuns; ) {
    before = smallest;
    for (const simpler of simplifications(smallest)) await tryOut({ ...smallest, ...simpler });
    await leaveOut("faults", () => smallest, tryOut);
    await leaveOut("operations", () => smallest, tryOut);
    await fewerReplicas(() => smallest, tryOut);
    await shorten(() => smallest, tryOut);
  }
  return { plan: smallest, report, runs };
}

type TryOut<Input> = (candidate: Plan<Input>) => Promise<boolean>;

/** Yields simplifications that may not matter. */
function simplifications<Input>({
  network,
  disk,
  work,
  homes,
  clockPpm,
  faultMs,
  faults,
  sealed,
}: Plan<Input>): Partial<Plan<Input>>[] {
  const lastFaultMs = Math.max(1000, ...faults.map(({ atMs, forMs }) => atMs + forMs));
  return [
    ...(faultMs > lastFaultMs ? [{ faultMs: lastFaultMs }] : []),
    ...(faultMs > 2000 ? [{ faultMs: Math.ceil(faultMs / 2) }] : []),
    ...(network.dropPermille > 0 ? [{ network: { ...network, dropPermille: 0 } }] : []),
    ...(network.duplicatePermille > 0 ? [{ network: { ...network, duplicatePermille: 0 } }] : []),
    ...(network.slowPermille > 0 ? [{ network: { ...network, slowPermille: 0 } }] : []),
    ...(network.replayPermille > 0 ? [{ network: { ...network, replayPermille: 0 } }] : []),
    ...(network.crossedPermille > 0 ? [{ network: { ...network, crossedPermille: 0 } }] : []),
    ...(network.bytesPerSecond === undefined ? [] : [{ network: withoutBandwidth(network) }]),
    ...(sealed && faults.every(({ kind }) => kind !== "outsider") ? [{ sealed: false }] : []),
    ...(work === undefined ? [] : [{ work: { entryUs: 0, kibibyteUs: 0 } }]),
    ...(homes.some((home) => home !== OUTSIDE) ? [{ homes: homes.map(() => OUTSIDE) }] : []),
    ...(disk.slowPermille > 0 ? [{ disk: { ...disk, slowPermille: 0 } }] : []),
    ...(clockPpm.some((ppm) => ppm !== 1_000_000) ? [{ clockPpm: clockPpm.map(() => 1_000_000) }] : []),
  ];
}

function withoutBandwidth({ bytesPerSecond: _, ...network }: NetworkClass): NetworkClass {
  return network;
}

/** Leaves out as much of a list as possible: halves, then quarters, down to single items (ddmin). */
async function leaveOut<Input>(
  list: "faults" | "operations",
  smallest: () => Plan<Input>,
  tryOut: TryOut<Input>,
): Promise<void> {
  for (
    let size = Math.ceil(smallest()[list].length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let start = 0; start < smallest()[list].length; ) {
      const plan = smallest();
      const left = plan[list].filter((_, at) => at < start || at >= start + size);
      if (!(await tryOut({ ...plan, [list]: left }))) start += size;
    }
  }
}

async function fewerReplicas<Input>(smallest: () => Plan<Input>, tryOut: TryOut<Input>): Promise<void> {
  for (let plan = smallest(); plan.replicas > 1; plan = smallest()) {
    const replicas = plan.replicas - 1;
    const faults = plan.faults.filter(({ machine }) => machine < replicas);
    const clockPpm = plan.clockPpm.slice(0, replicas);
    const homes = plan.homes.map((home) => (home < replicas ? home : OUTSIDE));
    if (!(await tryOut({ ...plan, replicas, faults, clockPpm, homes }))) break;
  }
  const plan = smallest();
  if (plan.clients > 1) {
    const operations = plan.operations.map((operation) => ({ ...operation, client: 0 }));
    await tryOut({ ...plan, clients: 1, operations });
  }
}

async function shorten<Input>(smallest: () => Plan<Input>, tryOut: TryOut<Input>): Promise<void> {
  for (let at = 0; at < smallest().faults.length; at++) {
    const plan = smallest();
    const faults = plan.faults.map((fault, index) =>
      index === at ? { ...fault, forMs: Math.ceil(fault.forMs / 2) } : fault,
    );
    if ((plan.faults[at]?.forMs ?? 0) > 10) await tryOut({ ...plan, faults });
  }
}
