export { type Finding, type FindingKind, findingKinds, meanings } from "./finding.ts";
export { judge } from "./judge.ts";
export { type Latencies, latencies, summarize } from "./latency.ts";
export { leadsIn } from "./leaders.ts";
export { judgeRun, type RunRecord, type RunVerdict, reasonIn } from "./run.ts";
