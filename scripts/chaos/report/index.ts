export { type Closing, closing, notRun } from "./closing.ts";
export { type PlantedResult, plantedLine } from "./planted.ts";
export { type RunReport, reportOf } from "./run-report.ts";
export { runText } from "./run-text.ts";
