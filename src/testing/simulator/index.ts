export type { DiskClass } from "./disk/index.ts";
export { kvReplica, kvSubject } from "./kv-subject.ts";
export { Machine } from "./machine.ts";
export { type Mark, marks } from "./marks/index.ts";
export { type Property, properties, type Step, type StepListener, Violation } from "./monitor/index.ts";
export {
  drawPlan,
  type Fault,
  type FaultKind,
  faultKinds,
  LEADER,
  type Plan,
  type PlannedOperation,
  type Profile,
  type ProfileName,
  profiles,
} from "./plan/index.ts";
export type { ProcessRun } from "./process-run.ts";
export { type RunReport, run } from "./run.ts";
export { type ShrinkOptions, type Shrunk, shrink } from "./shrink.ts";
export { type Simulated, type SimulateOptions, simulate } from "./simulate.ts";
export { type StateMachineSubject, stateMachineSubject } from "./state-machine-subject.ts";
export type {
  Asked,
  Client,
  ClientEnvironment,
  Ended,
  ReplicaEnvironment,
  RunningReplica,
  Subject,
  SubjectLimits,
} from "./subject.ts";
export { traceLine } from "./trace-lines.ts";
export { type NetworkClass, RandomStream, type TraceEvent } from "./world/index.ts";
export { type RunOptions, World } from "./world.ts";
