import type { RaftTuning, ReplicaId } from "../../raft/index.ts";
import type { Uses } from "./copies/index.ts";
import type { DiskClass } from "./disk/index.ts";
import type { Violation } from "./monitor/index.ts";
import type { WorkClass } from "./plan/index.ts";
import type { SubjectLimits } from "./subject.ts";
import type { Network, OutsiderWatch, Scheduler, Trace } from "./world/index.ts";

/** The state that all machines of a simulation share. */
export interface RunContext {
  readonly clusterId: string;
  readonly voters: readonly ReplicaId[];
  /** The clients outside of the replicas. */
  readonly clients: readonly ReplicaId[];
  /** The cluster's secret. Undefined if messages have no seal. */
  readonly secret: string | undefined;
  /** Returns what watches a transport while someone without the secret is on the network. */
  readonly outsiderAt: (id: ReplicaId) => OutsiderWatch | undefined;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly trace: Trace;
  readonly uses: Uses;
  readonly tuning: Partial<RaftTuning>;
  readonly limits: SubjectLimits;
  readonly segmentBytes: number;
  readonly compactLogBytes: number;
  readonly diskClass: DiskClass;
  readonly work?: WorkClass;
  /** Called when a property is broken. */
  readonly report: (violation: Violation) => void;
}
