export type { Cluster } from "./cluster.ts";
export { Ledger } from "./ledger.ts";
export { copyMonitor, type MachineMonitor, voterMonitor } from "./machine-monitor.ts";
export { Monitor, type MonitoredReplica, type StepListener } from "./monitor.ts";
export type { Observed } from "./observed.ts";
export type { Step } from "./step.ts";
export { recordsEnd, startsIn } from "./stored-records.ts";
export { type Property, properties, Violation } from "./violation.ts";
