import { electionSteps } from "./election-steps.ts";
import { expectations } from "./expectations.ts";
import { networkSteps } from "./network-steps.ts";
import { replicaSteps } from "./replica-steps.ts";
import { printScenario, type Scenario, ScenarioError, type Step } from "./scenario.ts";
import { ScenarioCluster } from "./scenario-cluster.ts";
import { setupSteps } from "./setup-steps.ts";
import { match, type StepDefinition } from "./step-definition.ts";
import { timeSteps } from "./time-steps.ts";

/** All step definitions; the first one that matches is used. */
export const stepDefinitions: readonly StepDefinition[] = [
  ...expectations,
  ...setupSteps,
  ...electionSteps,
  ...timeSteps,
  ...networkSteps,
  ...replicaSteps,
];

/**
 * Runs all steps of a scenario.
 *
 * @returns the text of the scenario with new transcripts
 * @throws ScenarioError if a step is unknown or impossible, an expectation is not met, or a replica breaks a rule
 */
export function runScenario(scenario: Scenario): string {
  const cluster = new ScenarioCluster();
  const transcripts = new Map<Step, readonly string[]>();
  for (const block of scenario.blocks) {
    if (block.type === "step") transcripts.set(block, runStep(scenario, cluster, block));
  }
  return printScenario(scenario, transcripts);
}

function runStep(scenario: Scenario, cluster: ScenarioCluster, step: Step): string[] {
  for (const definition of stepDefinitions) {
    const words = match(definition, step.text);
    if (words === undefined) continue;
    try {
      definition.run(cluster, words);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const before = cluster.recorder.take().map((line) => `\n  ${line}`);
      throw new ScenarioError(
        scenario.file,
        step.line,
        `> ${step.text}${before.join("")}\n${problem}`,
        error,
      );
    }
    const transcript = cluster.recorder.take();
    return transcript.length === 0 && definition.acts ? ["(no visible change)"] : transcript;
  }
  const allowed = stepDefinitions.map(({ usage }) => `\n  ${usage}`).join("");
  throw new ScenarioError(
    scenario.file,
    step.line,
    `> ${step.text}\nis not a step. The steps are:${allowed}`,
  );
}
