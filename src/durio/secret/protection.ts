import { InvalidConfig, type SecurityConfig } from "../config/index.ts";
import { ClusterSecret } from "./cluster-secret.ts";
import { exposedBy, type ReachedBy, secretNeeded } from "./exposure.ts";
import { type Environment, secretSource } from "./secret-source.ts";

/** The part of a config that decides whether a replica needs a secret. */
export interface Reachable extends SecurityConfig {
  readonly clusterId: string;
  readonly reachedBy: readonly ReachedBy[];
  /** Returns the name of a setting in its source. */
  readonly nameOf: (setting: string) => string;
}

/** What protects a replica. */
export interface Protection {
  /** The secret of the cluster. Undefined if only this machine can reach the replica, or if it is `exposed`. */
  readonly secret?: ClusterSecret;
  /** The address by which every other machine can read and write, because there is no secret. */
  readonly exposed?: ReachedBy;
}

/**
 * Opens the cluster's secret. Without one, a replica that other machines can reach is refused, unless `insecure` is set.
 *
 * @param environment the variables that may hold or name a secret
 * @throws InvalidConfig
 */
export async function protectionOf(config: Reachable, environment: Environment): Promise<Protection> {
  const { insecure, nameOf } = config;
  const source = secretSource(config.secretFile, environment);
  if (source !== undefined) {
    if (insecure) {
      const message = `is for a cluster without a secret, and there is one in ${source.name}: remove one of them`;
      throw new InvalidConfig([`${nameOf("insecure")}: ${message}`]);
    }
    return { secret: await ClusterSecret.open(source, config) };
  }
  const useless = [
    ...(config.peerEncryption ? ["peerEncryption"] : []),
    ...(config.peerAuth === "accept" ? ["peerAuth"] : []),
  ];
  if (useless.length > 0) {
    throw new InvalidConfig(
      useless.map((setting) => `${nameOf(setting)}: needs a secret: --secret-file FILE`),
    );
  }
  const exposed = await exposedBy(config.reachedBy);
  if (exposed === undefined) return {};
  if (!insecure) throw new InvalidConfig([secretNeeded(exposed)]);
  return { exposed };
}
