import type { Planted } from "../planted.ts";
import type { ToolName } from "../tools.ts";
import type { Finding } from "../verdict/index.ts";

/** The result of a planted bug. */
export interface PlantedResult {
  readonly mistake: Planted;
  readonly fate:
    | { readonly type: "found"; readonly finding: Finding; readonly runs: number; readonly seconds: number }
    | { readonly type: "missed"; readonly runs: number }
    | { readonly type: "notRun"; readonly tool: ToolName };
}

export function plantedLine({ mistake: { name, mistake }, fate }: PlantedResult): string {
  const subject = `planted ${name} (${mistake}):`;
  switch (fate.type) {
    case "found":
      return `${subject} found in run ${fate.runs}, ${fate.seconds.toFixed(0)} s: ${fate.finding.kind}, ${fate.finding.text}`;
    case "missed":
      return `${subject} NOT FOUND in ${fate.runs} runs`;
    case "notRun":
      return `${subject} not run, because ${fate.tool} is missing`;
  }
}
