import type { RaftTuning } from "../../../raft/index.ts";
import type { DiskClass } from "../disk/index.ts";
import type { SubjectLimits } from "../subject.ts";
import type { NetworkClass } from "../world/index.ts";

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

/** Those in which a replica runs on a copy of its data. */
export const copyKinds = ["olderCopy", "clone"] as const;

export type FaultKind = (typeof faultKinds)[number];

/** Names the replica that leads when the fault comes. */
export const LEADER = -1;

/** One thing that goes wrong. */
export interface Fault {
  readonly atMs: number;
  readonly kind: FaultKind;
  /** A replica's number, or `LEADER`. */
  readonly machine: number;
  readonly forMs: number;
  /** How much of it; what that means depends on the kind. */
  readonly amount: number;
}

/** One request of a client. */
export interface PlannedOperation<Input> {
  readonly atMs: number;
  readonly client: number;
  readonly input: Input;
  readonly timeoutMs: number;
  /** The client gives up by itself after this long; 0 for never. */
  readonly abandonAfterMs: number;
}

/** What it takes to apply something, in microseconds: for each entry, and for each KiB of its command. */
export interface WorkClass {
  readonly entryUs: number;
  readonly kibibyteUs: number;
}

/** Where a client lives that is on no replica's machine. */
export const OUTSIDE = -1;

/** All that happens in one run, before it happens: plain data. The same plan gives the same run. */
export interface Plan<Input> {
  readonly seed: number;
  readonly replicas: number;
  readonly clients: number;
  /** In which replica's process each client lives, by number, or `OUTSIDE`. */
  readonly homes: readonly number[];
  /** How long things go wrong, in ms. */
  readonly faultMs: number;
  readonly tuning: Partial<RaftTuning>;
  readonly limits: SubjectLimits;
  readonly segmentBytes: number;
  readonly compactLogBytes: number;
  readonly network: NetworkClass;
  readonly disk: DiskClass;
  /** Absent if turns take no time. */
  readonly work?: WorkClass;
  /** Of each replica's clock, in millionths of true time. */
  readonly clockPpm: readonly number[];
  readonly faults: readonly Fault[];
  readonly operations: readonly PlannedOperation<Input>[];
}
