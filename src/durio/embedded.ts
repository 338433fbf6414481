import type { Logger } from "../ports/index.ts";
import type { DurioConfig } from "./config/index.ts";
import { programSettings, serveOptions } from "./options.ts";
import { type Replica, startReplica } from "./replica.ts";

/**
 * Starts a replica within this process, and serves it.
 *
 * @param config what a config file would hold; nothing is read from files or the environment
 * @param logger hears what the replica says. Default: nobody. `logLevel` and `logFormat` are the program's own
 * @throws WrongSettings; whatever {@link startReplica} throws
 */
export async function startDurio(config: DurioConfig, logger?: Logger): Promise<Replica> {
  return startReplica({ ...serveOptions(programSettings(config)), ...(logger && { logger }) });
}
