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
  "misdirected",
  "snapshot",
  "olderCopy",
  "clone",
  "outsider",
] as const;

/** The faults in which a replica runs on a copy of its data. */
export const copyKinds = ["olderCopy", "clone"] as const;

/** The name of a fault in `faultKinds`. */
export type FaultKind = (typeof faultKinds)[number];

/** Stands for the replica that leads at the time of the fault. */
export const LEADER: number = -1;

/** One fault. */
export interface Fault {
  /** Since the start of the run. */
  readonly atMs: number;
  /** The kind of fault. */
  readonly kind: FaultKind;
  /** A replica's number, or `LEADER`. */
  readonly machine: number;
  /** Duration of the fault. */
  readonly forMs: number;
  /** The strength of the fault; its meaning depends on the kind. */
  readonly amount: number;
}

/** One request of a client. */
export interface PlannedOperation<Input> {
  /** Since the start of the run. */
  readonly atMs: number;
  /** The client's number, from 0. */
  readonly client: number;
  /** The operation, as plain data. */
  readonly input: Input;
  /** The timeout that the client is given. */
  readonly timeoutMs: number;
  /** Time in ms after which the client gives up; 0 for never. */
  readonly abandonAfterMs: number;
}

/** The cost of applying an entry in microseconds: per entry, and per KiB of its command. */
export interface WorkClass {
  /** For each entry. */
  readonly entryUs: number;
  /** For each KiB of its command. */
  readonly kibibyteUs: number;
}

/** The location of a client on no replica's machine. */
export const OUTSIDE: number = -1;

/** Everything that happens in one run, decided in advance, as plain data. Equal plans give equal runs. */
export interface Plan<Input> {
  /** The seed that it was drawn from. */
  readonly seed: number;
  /** The number of replicas. */
  readonly replicas: number;
  /** The number of clients. */
  readonly clients: number;
  /** The number of the replica in whose process each client runs, or `OUTSIDE`. */
  readonly homes: readonly number[];
  /** Duration of the faults in ms. */
  readonly faultMs: number;
  /** Whether replicas seal their messages with a secret. */
  readonly sealed: boolean;
  /** What differs from `defaultTuning`. */
  readonly tuning: Partial<RaftTuning>;
  /** Of the subject. */
  readonly limits: SubjectLimits;
  /** Of each replica's file persister. */
  readonly segmentBytes: number;
  /** Of each replica's file persister. */
  readonly compactLogBytes: number;
  /** The network outside of faults. */
  readonly network: NetworkClass;
  /** The disks outside of faults. */
  readonly disk: DiskClass;
  /** Absent if turns take no time. */
  readonly work?: WorkClass;
  /** The rate of each replica's clock, as a deviation in millionths. */
  readonly clockPpm: readonly number[];
  /** In the order of their times. */
  readonly faults: readonly Fault[];
  /** In the order of their times. */
  readonly operations: readonly PlannedOperation<Input>[];
}
