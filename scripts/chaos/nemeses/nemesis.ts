import type { Cluster } from "../cluster/cluster.ts";
import type { ChaosReplica } from "../cluster/replica.ts";
import type { ReplicaId } from "../matrix.ts";
import type { Link } from "../network/index.ts";
import type { Random } from "../random.ts";
import type { ToolName } from "../tools.ts";

export const faultKinds = [
  "kill-one",
  "kill-leader",
  "kill-majority",
  "kill-all",
  "power-one",
  "power-majority",
  "power-all",
  "pause-one",
  "pause-leader",
  "pause-majority",
  "cut-halves",
  "cut-leader",
  "cut-one-way",
  "cut-ring",
  "cut-flapping",
  "slow-links",
  "clock-jump",
  "disk-fails",
  "disk-slow-one",
  "disk-slow-leader",
  "disk-slow-all",
  "disk-hangs",
  "disk-full",
  "bit-flip",
  "wipe",
  "older-copy",
  "rolling-restart",
  "nats-killed",
  "nats-paused",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** The properties of a cluster that decide which faults apply. */
export interface Setting {
  readonly replicas: number;
  readonly transport: "http" | "nats";
  readonly links: "direct" | "proxied";
  readonly disks: "fuse" | "plain";
  /** Whether a disk can be filled without harm to others. */
  readonly canLimit: boolean;
  readonly tools: ReadonlySet<ToolName>;
}

export interface Nemesis {
  readonly kind: FaultKind;
  /** Only one fault of each group runs at a time, because two would undo each other. */
  readonly group: "process" | "pause" | "links" | "syncs" | "clock" | "nats";
  /** The weight in the draw. Default: 1. */
  readonly weight?: number;
  /** Whether a replica may be down for the rest of the run. Drawn once a run, in its second half. */
  readonly isLast?: true;
  /** The tool that this fault needs, if any. */
  readonly needs?: ToolName;
  fits(setting: Setting): boolean;
  /** Causes the fault, waits, and ends it. */
  run(world: World): Promise<void>;
}

/** The targets of a nemesis. */
export interface World {
  readonly cluster: Cluster;
  /** Of this nemesis only. */
  readonly random: Random;
  /** Ends early if the run ends. */
  sleep(ms: number): Promise<void>;
  /** Returns the leader if known, otherwise any replica. */
  leader(): ChaosReplica;
  /** Records the start of a fault. The returned function records its end. */
  hit(targets: readonly ReplicaId[]): () => void;
  cut(links: readonly Link[]): void;
  heal(links: readonly Link[]): void;
  /** Waits until a replica serves or has ended. */
  up(replica: ChaosReplica): Promise<void>;
  note(text: string): void;
}

export function minority(replicas: number): number {
  return Math.floor((replicas - 1) / 2);
}

export function idsOf(replicas: readonly ChaosReplica[]): ReplicaId[] {
  return replicas.map(({ id }) => id);
}
