import type { ReplicaId } from "../../raft/index.ts";
import type { LogConfig } from "../logging.ts";
import type { DurioConfig } from "./durio-config.ts";

/** The transports that durio can use. */
export type TransportName = NonNullable<DurioConfig["transport"]>;

/** The persisters that durio can use. */
export type PersisterName = NonNullable<DurioConfig["persister"]>;

/** Sizes and counts; the schema describes each. */
export interface Limits {
  readonly compactLogMib: number;
  readonly retainedLogMib: number;
  readonly segmentMib: number;
  readonly maxUncommittedMib: number;
  readonly maxAppendKib: number;
  readonly maxInflightAppends: number;
  readonly snapshotChunkKib: number;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Address {
  /** An IPv6 address has no brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** How to reach NATS; the schema describes each setting. */
export interface NatsConfig {
  readonly natsUrl: readonly URL[];
  readonly natsPrefix: string;
  readonly natsPingIntervalMs: number;
  readonly natsTokenFile?: string | undefined;
  readonly natsCredentialsFile?: string | undefined;
  readonly natsTlsCaFile?: string | undefined;
  readonly natsTlsCertFile?: string | undefined;
  readonly natsTlsKeyFile?: string | undefined;
}

/** Who may speak to a replica, and how; the schema describes each setting. */
export interface SecurityConfig {
  readonly secretFile?: string | undefined;
  readonly insecure: boolean;
  readonly anonymous: "none" | "read" | "write";
  readonly peerAuth: "require" | "accept";
  readonly peerEncryption: boolean;
  readonly peerListen?: Address | undefined;
  readonly tlsCertFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  readonly tlsCaFile?: string | undefined;
}

/** The validated config of a replica: defaults filled in, texts parsed. */
export interface ReplicaConfig extends LogConfig, NatsConfig, SecurityConfig, Limits {
  readonly id: ReplicaId;
  readonly clusterId: string;
  readonly peers?: ReadonlyMap<ReplicaId, string> | undefined;
  readonly transport: TransportName;
  readonly persister: PersisterName;
  readonly dataDir?: string | undefined;
  readonly listen?: Address | undefined;
  readonly allowHost: readonly string[];
  readonly allowOrigin: readonly string[];
  readonly requestTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly electionTimeoutMs: Range;
  readonly record?: string | undefined;
}

/** The validated config of `durio dev`, a trial cluster on this machine. */
export interface DevConfig extends LogConfig {
  readonly replicas: number;
  /** Port of the first replica; the others use the next ports. */
  readonly port: number;
  /** Holds one data directory per replica, named by its id. */
  readonly dataDir: string;
  readonly transport: TransportName;
  readonly natsUrl: readonly URL[];
  readonly persister: PersisterName;
}
