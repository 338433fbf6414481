import type { RaftTuning } from "../../../raft/index.ts";
import type { DiskClass } from "../disk/index.ts";
import type { SubjectLimits } from "../subject.ts";
import type { NetworkClass } from "../world/index.ts";

/** The kinds of faults that a plan may contain. */
export const faultKinds = [
  "kill",
  "powerLoss",
  "diskCut",
  "restart",
  "pause",
  "isolate",
  "halves",
  "oneWay",
  "bridge",
  "ring",
  "lossy",
  "slow",
  "narrow",
  "clockRate",
  "clockFreeze",
  "syncError",
  "diskFull",
  "diskStall",
  "slowDisk",
  "slowDisks",
  "bitFlip",
  "wipe",
  "stranger",
  "snapshot",
  "olderCopy",
  "clone",
] as const;

/** The faults in which a replica runs on a copy of its data. */
export const copyKinds = ["olderCopy", "clone"] as const;

/** The name of a fault in `faultKinds`. */
export type FaultKind = (typeof faultKinds)[number];

/** Stands for the replica that leads at the time of the fault. */
export const LEADER: number = -1;

/** One fault. */
export interface Fault {
  readonly atMs: number;
  readonly kind: FaultKind;
  /** A replica's number, or `LEADER`. */
  readonly machine: number;
  readonly forMs: number;
  /** The strength of the fault; its meaning depends on the kind. */
  readonly amount: number;
}

/** One request of a client. */
export interface PlannedOperation<Input> {
  readonly atMs: number;
  readonly client: number;
  readonly input: Input;
  readonly timeoutMs: number;
  /** Time in ms after which the client gives up; 0 for never. */
  readonly abandonAfterMs: number;
}

/** The cost of applying an entry in microseconds: per entry, and per KiB of its command. */
export interface WorkClass {
  readonly entryUs: number;
  readonly kibibyteUs: number;
}

/** The location of a client on no replica's machine. */
export const OUTSIDE: number = -1;

/** Everything that happens in one run, decided in advance, as plain data. Equal plans give equal runs. */
export interface Plan<Input> {
  readonly seed: number;
  readonly replicas: number;
  readonly clients: number;
  /** The number of the replica in whose process each client runs, or `OUTSIDE`. */
  readonly homes: readonly number[];
  /** Duration of the faults in ms. */
  readonly faultMs: number;
  readonly tuning: Partial<RaftTuning>;
  readonly limits: SubjectLimits;
  readonly segmentBytes: number;
  readonly compactLogBytes: number;
  readonly network: NetworkClass;
  readonly disk: DiskClass;
  /** Absent if turns take no time. */
  readonly work?: WorkClass;
  /** The rate of each replica's clock, as a deviation in millionths. */
  readonly clockPpm: readonly number[];
  readonly faults: readonly Fault[];
  readonly operations: readonly PlannedOperation<Input>[];
}
