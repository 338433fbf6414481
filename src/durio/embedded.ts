import type { Logger } from "../ports/index.ts";
import type { DurioConfig } from "./config/index.ts";
import { effectiveConfig, programConfig } from "./read-config.ts";
import { type Replica, startReplica } from "./replica.ts";
import { protectionOf } from "./secret/index.ts";

/**
 * Starts a replica in this process and serves it.
 *
 * @param config the fields of a config file. Files and environment variables are not read
 * @param logger receives the replica's log. Default: none. `logLevel` and `logFormat` are ignored
 * @throws InvalidConfig, and the errors of {@link startReplica}
 * @example
 * ```ts
 * import { startDurio } from "ruaft/durio";
 *
 * const replica = await startDurio({ id: "n1", listen: "127.0.0.1:0", persister: "memory" });
 * const body = JSON.stringify({ key: "greeting", value: "Hello" });
 * const headers = { "content-type": "application/json" };
 * const response = await fetch(`${replica.url}/kvstore/put`, { method: "POST", headers, body });
 * console.log(response.status, await response.text()); // 200 OK
 * await replica.stop();
 * ```
 */
export async function startDurio(config: DurioConfig, logger?: Logger): Promise<Replica> {
  const effective = effectiveConfig(programConfig(config));
  const protection = await protectionOf(effective, {});
  return startReplica({ ...effective, ...protection, ...(logger && { logger }) });
}
