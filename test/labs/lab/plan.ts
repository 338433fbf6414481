import type { RaftTuning } from "../../../src/raft/index.ts";
import type { DiskClass, Plan } from "../../../src/testing/simulator/index.ts";
import { networksFor } from "./networks.ts";

export interface LabOptions {
  readonly seed: number;
  readonly replicas: number;
  /** Default: none. */
  readonly clients?: number;
  /** Default: a reliable network. */
  readonly network?: "reliable" | "unreliable";
  /** Differences from `defaultTuning`, whose times fit the labs: heartbeat 50 ms, election 300 to 600 ms. */
  readonly tuning?: Partial<RaftTuning>;
  /** Size of the log from which on a replica takes snapshots. Default: it never does. */
  readonly logLimitBytes?: number;
  /** The number of the replica whose process each client is in. Default: no client is in a replica's process. */
  readonly homes?: readonly number[];
  /** Default: syncs of 0.1 to 0.5 ms, independent of their size. */
  readonly disk?: DiskClass;
  /** The size of the log's files. Default 16 KiB. */
  readonly segmentBytes?: number;
}

const quickDisk: DiskClass = { writeUs: [5, 30], syncUs: [100, 500], slowPermille: 0, slowUs: 0 };

/** A world without random faults: the test causes them all. */
export function labPlan<Input>(options: LabOptions): Plan<Input> {
  const { seed, replicas } = options;
  return {
    seed,
    replicas,
    clients: options.clients ?? 0,
    homes: options.homes ?? [],
    faultMs: 0,
    sealed: false,
    tuning: options.tuning ?? {},
    limits: { sessionTtlMs: 3_600_000, maxSessionsPerOwner: 1000, requestTimeoutMs: 5000 },
    segmentBytes: options.segmentBytes ?? 16 << 10,
    compactLogBytes: options.logLimitBytes ?? Number.MAX_SAFE_INTEGER,
    network: networksFor(seed)[options.network ?? "reliable"],
    disk: options.disk ?? quickDisk,
    clockPpm: [],
    faults: [],
    operations: [],
  };
}
