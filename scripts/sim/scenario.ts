import { readFileSync, writeFileSync } from "node:fs";
import type { RevisionedInput } from "../../src/testing/linearizability/index.ts";
import { drawPlan, kvSubject, type Plan, type Profile, shrink } from "../../src/testing/simulator/index.ts";

/** A failing run, made as small as possible. */
export interface Scenario {
  readonly property: string;
  readonly message: string;
  readonly plan: Plan<RevisionedInput>;
}

/** @throws Error that names the file if it contains no scenario */
export function readScenario(file: string): Scenario {
  let scenario: Scenario;
  try {
    scenario = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: no scenario, which is JSON as --shrink writes it: ${messageOf(error)}`);
  }
  if (!Array.isArray(scenario.plan?.faults) || !Array.isArray(scenario.plan.operations)) {
    throw new Error(`${file}: no scenario, which has a plan with faults and operations`);
  }
  return scenario;
}

/** Shrinks a failing seed and writes the result to a file. */
export async function shrinkToFile(seed: number, profile: Profile, file: string): Promise<Scenario> {
  const { plan, report, runs } = await shrink(drawPlan(seed, profile, kvSubject), kvSubject, {
    progress: ({ faults, operations, replicas, faultMs }, run) =>
      process.stderr.write(
        `run ${run}: ${replicas} replicas, ${faults.length} faults, ${operations.length} operations, ${faultMs} ms\n`,
      ),
  });
  const { property = "", message = "" } = report.violation ?? {};
  const scenario: Scenario = { property, message, plan };
  writeFileSync(file, `${JSON.stringify(scenario, undefined, 2)}\n`);
  process.stderr.write(`${runs} runs\n`);
  return scenario;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
