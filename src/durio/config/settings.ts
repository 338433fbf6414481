import type { ReplicaId } from "../../raft/index.ts";
import type { LogOptions } from "../log.ts";

export type TransportName = "http" | "nats" | "loopback";
export type PersisterName = "file" | "bun-sqlite" | "memory";

/** The settings of one replica, as a config file holds them and a program passes them. All may be left out. */
export interface DurioConfig extends MayBeLeftOut<Limits> {
  /** The name of this replica. Default: `n1`. */
  readonly id?: string | undefined;
  /** The name of the cluster: replicas of others are refused. Default: `durio`. */
  readonly clusterId?: string | undefined;
  /** All replicas, this one too, with their base URLs. Default: this one alone. */
  readonly peers?: Readonly<Record<string, string>> | undefined;
  /** How replicas reach each other. Default: `http`. */
  readonly transport?: TransportName | undefined;
  /** The servers of NATS, with commas between them, for `nats`. Default: `nats://127.0.0.1:4222`. */
  readonly natsUrl?: string | undefined;
  /** The first words of all subjects. Default: `ruaft`. */
  readonly natsPrefix?: string | undefined;
  /** How often NATS is asked whether it is there, in ms. Default: 300. Two missed pings end the connection. */
  readonly natsPingIntervalMs?: number | undefined;
  /** A file with the token that NATS asks for. */
  readonly natsTokenFile?: string | undefined;
  /** A file with the credentials that NATS asks for, a JWT and a seed. */
  readonly natsCredentialsFile?: string | undefined;
  /** The certificates, in PEM, that vouch for the servers of NATS. */
  readonly natsTlsCaFile?: string | undefined;
  /** This replica's certificate and key as PEM, for servers that ask for one. */
  readonly natsTlsCertFile?: string | undefined;
  readonly natsTlsKeyFile?: string | undefined;
  /** Where data is kept. Default: `file`. */
  readonly persister?: PersisterName | undefined;
  /** The directory of the data. Default: `./.durio/ID`. */
  readonly dataDir?: string | undefined;
  /** The address to bind, `HOST:PORT`. Default: that of this replica in `peers`. */
  readonly listen?: string | undefined;
  /** Names that clients reach this replica by, with commas between them, besides those of `peers` and `listen`. */
  readonly allowHost?: string | undefined;
  /** Origins whose web pages may read and write, with commas between them, or `*`. Default: none. */
  readonly allowOrigin?: string | undefined;
  /** How long a request may wait before it gets 503, in ms. Default: 5000. */
  readonly requestTimeoutMs?: number | undefined;
  /** How often a leader makes itself heard, in ms. Default: 50. */
  readonly heartbeatMs?: number | undefined;
  /** How long a follower waits for its leader, `MIN-MAX` in ms. Default: `300-600`. */
  readonly electionTimeoutMs?: string | undefined;
  /** Default: `info`. */
  readonly logLevel?: LogOptions["logLevel"] | undefined;
  /** Default: `text`; `json` is one object a line. */
  readonly logFormat?: LogOptions["logFormat"] | undefined;
}

type MayBeLeftOut<Settings> = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

/** How much of anything there may be. */
export interface Limits {
  /** How much log makes a snapshot worth while. Default: 64. */
  readonly compactLogMib: number;
  /** How much of the log that a snapshot covers is kept for peers a little behind. Default: 4. */
  readonly retainedLogMib: number;
  /** How large the files of the log are, for `file`. Default: 16. */
  readonly segmentMib: number;
  /** How much may wait to be committed before writes are refused. Default: 64. */
  readonly maxUncommittedMib: number;
  /** How much log a message to a peer holds. Default: 1024. */
  readonly maxAppendKib: number;
  /** How many of these may await their answers, for each peer. Default: 1. */
  readonly maxInflightAppends: number;
  /** How much of a snapshot a message to a peer holds. Default: 256. */
  readonly snapshotChunkKib: number;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Address {
  /** An IPv6 address stands without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** How to reach NATS. */
export interface NatsSettings {
  readonly natsUrl: readonly URL[];
  readonly natsPrefix: string;
  readonly natsPingIntervalMs: number;
  readonly natsTokenFile?: string | undefined;
  readonly natsCredentialsFile?: string | undefined;
  readonly natsTlsCaFile?: string | undefined;
  readonly natsTlsCertFile?: string | undefined;
  readonly natsTlsKeyFile?: string | undefined;
}

/** What the settings of a replica come to, each for itself. */
export interface ReplicaSettings extends LogOptions, NatsSettings, Limits {
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
}

/** The settings of a cluster to try things with. */
export interface DevSettings extends LogOptions {
  readonly replicas: number;
  /** Of the first replica; the others have the next ones. */
  readonly port: number;
  /** Each replica has a directory of its own name in it. */
  readonly dataDir: string;
  readonly transport: TransportName;
  readonly natsUrl: readonly URL[];
  readonly persister: PersisterName;
}
