// Written by `npm run config:texts` from the schema, which also describes the flags. Do not edit.

/** The config of one replica, as a config file holds it and a program passes it. Every setting is optional. */
export interface DurioConfig {
  /** Name of this replica. Default: `n1`. */
  readonly id?: string | undefined;
  /** Name of the cluster; messages of other clusters are refused. Default: `durio`. */
  readonly clusterId?: string | undefined;
  /** Base URL of every replica, including this one. Default: this one alone. */
  readonly peers?: Readonly<Record<string, string>> | undefined;
  /** Transport between replicas: http, nats, or loopback for a cluster of one. Default: `http`. */
  readonly transport?: "http" | "nats" | "loopback" | undefined;
  /** URLs of NATS servers that form one NATS cluster. Default: `nats://127.0.0.1:4222`. */
  readonly natsUrl?: string | undefined;
  /** Prefix of all NATS subjects. Default: `ruaft`. */
  readonly natsPrefix?: string | undefined;
  /** Interval of NATS pings in ms; the connection is closed after two missed pings. Default: `300`. */
  readonly natsPingIntervalMs?: number | undefined;
  /** File with the NATS token. */
  readonly natsTokenFile?: string | undefined;
  /** File with the NATS credentials: a JWT and a seed. */
  readonly natsCredentialsFile?: string | undefined;
  /** File with the CA certificates of NATS, in PEM. */
  readonly natsTlsCaFile?: string | undefined;
  /** File with this replica's client certificate for NATS, in PEM. */
  readonly natsTlsCertFile?: string | undefined;
  /** File with the key of that certificate, in PEM. */
  readonly natsTlsKeyFile?: string | undefined;
  /** Storage: file, bun-sqlite, or memory (for trials: lost when the process ends). Default: `file`. */
  readonly persister?: "file" | "bun-sqlite" | "memory" | undefined;
  /** Data directory. Default: ./.durio/ID. */
  readonly dataDir?: string | undefined;
  /** Address to bind. Default: this replica's address in peers. */
  readonly listen?: string | undefined;
  /**
   * File with the cluster's secret, from durio secret new; only its owner may read it. Default: DURIO_SECRET,
   * or the credential secret of systemd.
   */
  readonly secretFile?: string | undefined;
  /**
   * Serve other machines without a secret: every host that can reach it can read and write. Default: `false`.
   */
  readonly insecure?: boolean | undefined;
  /** Access of clients without a token, if there is a secret: none, read, or write. Default: `none`. */
  readonly anonymous?: "none" | "read" | "write" | undefined;
  /**
   * Messages of replicas without the secret: require refuses them, accept takes them while a cluster gets its
   * secret. Default: `require`.
   */
  readonly peerAuth?: "require" | "accept" | undefined;
  /** Encrypt the messages between replicas (AES-256-GCM), for NATS. Default: `false`. */
  readonly peerEncryption?: boolean | undefined;
  /** Address to bind for the replicas' messages alone. Default: the one of listen. */
  readonly peerListen?: string | undefined;
  /** File with this replica's certificate, in PEM: clients and replicas connect by https. */
  readonly tlsCertFile?: string | undefined;
  /** File with the key of that certificate, in PEM. */
  readonly tlsKeyFile?: string | undefined;
  /** File with the CA certificates that the replicas trust, in PEM. Default: the system's. */
  readonly tlsCaFile?: string | undefined;
  /**
   * Additional host names of this replica; localhost and the hosts in peers and listen are always allowed.
   */
  readonly allowHost?: string | undefined;
  /** Origins whose web pages may read and write; * allows all. */
  readonly allowOrigin?: string | undefined;
  /** Timeout of a request in ms, after which it gets 503. Default: `5000`. */
  readonly requestTimeoutMs?: number | undefined;
  /** Interval of a leader's heartbeats in ms. Default: `50`. */
  readonly heartbeatMs?: number | undefined;
  /** Range of the election timeout in ms. Default: `300-600`. */
  readonly electionTimeoutMs?: string | undefined;
  /** Size of the log after which a snapshot is taken, in MiB. Default: `64`. */
  readonly compactLogMib?: number | undefined;
  /** Size of the log kept before a snapshot for peers that lag a little, in MiB. Default: `4`. */
  readonly retainedLogMib?: number | undefined;
  /** Size of a log file of the file storage, in MiB. Default: `16`. */
  readonly segmentMib?: number | undefined;
  /** Size of the uncommitted log beyond which writes get 503, in MiB. Default: `64`. */
  readonly maxUncommittedMib?: number | undefined;
  /** Maximum size of the entries in one message to a peer, in KiB. Default: `1024`. */
  readonly maxAppendKib?: number | undefined;
  /** Maximum number of AppendEntries in flight to each peer. Default: `8`. */
  readonly maxInflightAppends?: number | undefined;
  /** Maximum size of a snapshot chunk in one message to a peer, in KiB. Default: `256`. */
  readonly snapshotChunkKib?: number | undefined;
  /** Least severe level that is logged. Default: `info`. */
  readonly logLevel?: "debug" | "info" | "warning" | "error" | undefined;
  /** Format of the log: text, or json with one object a line. Default: `text`. */
  readonly logFormat?: "text" | "json" | undefined;
  /** File in which all inputs of this replica are recorded, with all keys and values, to replay its run. */
  readonly record?: string | undefined;
}
