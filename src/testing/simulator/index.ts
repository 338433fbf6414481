/**
 * A deterministic simulator: clusters of the replicated store, or of a state machine of your own, under crashes,
 * partitions, torn writes and clock jumps, in virtual time.
 *
 * @module
 */
export type { KvReplies } from "../../kvraft/forwarding/index.ts";
export type { DiskClass } from "./disk/index.ts";
export { kvSubject, shortKvSubject } from "./kv-subject.ts";
export { type Mark, marks } from "./marks/index.ts";
export { type Property, properties, type Step, type StepListener, Violation } from "./monitor/index.ts";
export {
  drawPlan,
  type Fault,
  type FaultKind,
  faultKinds,
  LEADER,
  OUTSIDE,
  type Plan,
  type PlannedOperation,
  type Profile,
  type ProfileName,
  profiles,
  type WorkClass,
} from "./plan/index.ts";
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
export type { OperationCounts } from "./workload.ts";
export {
  type EventKind,
  type EventNumbers,
  eventKinds,
  type NetworkClass,
  RandomStream,
  type TraceEvent,
} from "./world/index.ts";
export type { RunOptions } from "./world.ts";
