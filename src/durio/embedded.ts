import type { Logger } from "../ports/index.ts";
import type { DurioConfig } from "./config/index.ts";
import { effectiveConfig, programConfig } from "./read-config.ts";
import { type Replica, startReplica } from "./replica.ts";

/**
 * Starts a replica in this process and serves it.
 *
 * @param config the fields of a config file. Files and environment variables are not read
 * @param logger receives the replica's log. Default: none. `logLevel` and `logFormat` are ignored
 * @throws InvalidConfig, and the errors of {@link startReplica}
 */
export async function startDurio(config: DurioConfig, logger?: Logger): Promise<Replica> {
  return startReplica({ ...effectiveConfig(programConfig(config)), ...(logger && { logger }) });
}
