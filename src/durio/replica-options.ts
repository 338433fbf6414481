import type { KvServerOptions } from "../kvraft/index.ts";
import type { Logger } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import type { NatsSettings, PersisterName, TransportName } from "./config/index.ts";

/** What one replica of durio is made of. */
export interface ReplicaOptions extends NatsSettings {
  readonly id: ReplicaId;
  /** Replicas of another cluster are refused, and so is their data. */
  readonly clusterId: string;
  /** All voters of the cluster, this replica among them, with their base URLs. */
  readonly peers: ReadonlyMap<ReplicaId, string>;
  /** `loopback` reaches nobody: it is for a cluster of one. */
  readonly transport: TransportName;
  /** `memory` forgets everything when the process ends: for trying out only. */
  readonly persister: PersisterName;
  /** Where the data of this replica are kept: as files, or as `replica.sqlite`. */
  readonly dataDir: string;
  /** The address to bind. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Names that clients reach this replica by, besides those of `peers` and `listen`; default: none. */
  readonly allowHost?: readonly string[];
  /** Origins whose web pages may read and write, `*` for all; default: none. */
  readonly allowOrigin?: readonly string[];
  /** No request waits longer. */
  readonly requestTimeoutMs: number;
  /** How many bytes of log make a snapshot worth while. */
  readonly compactLogBytes: number;
  /** How large the files of the log are, in bytes, for `file`. */
  readonly segmentBytes: number;
  /** Whatever differs from the core's defaults. */
  readonly tuning?: NonNullable<KvServerOptions["tuning"]>;
  /** Default: silent. */
  readonly logger?: Logger;
}
