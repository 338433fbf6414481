import type { KvServerOptions } from "../kvraft/index.ts";
import type { Logger } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import type { NatsConfig, ReplicaConfig, SecurityConfig } from "./config/index.ts";
import type { Protection, ReachedBy } from "./secret/index.ts";

type Unchanged = Pick<
  ReplicaConfig,
  "id" | "clusterId" | "transport" | "persister" | "allowHost" | "allowOrigin" | "record" | "requestTimeoutMs"
>;

/** What one replica runs with: the validated config, with the settings that depend on others filled in. */
export interface EffectiveConfig extends NatsConfig, SecurityConfig, Unchanged, Protection {
  /** The base URLs of all voters, including this replica. */
  readonly peers: ReadonlyMap<ReplicaId, string>;
  /** The directory with the data of this replica: files, or `replica.sqlite`. */
  readonly dataDir: string;
  /** The address to bind. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** The addresses by which others reach the replica or its messages. */
  readonly reachedBy: readonly ReachedBy[];
  /** Returns the name of a setting in its source, for messages. */
  readonly nameOf: (setting: string) => string;
  /** Size of the log after which a snapshot is taken, in bytes. */
  readonly compactLogBytes: number;
  /** Size of a log file of the `file` persister, in bytes. */
  readonly segmentBytes: number;
  /** Overrides the core's defaults. */
  readonly tuning?: NonNullable<KvServerOptions["tuning"]>;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Logs refused messages and requests. Default: `logger`. */
  readonly audit?: Logger;
}
