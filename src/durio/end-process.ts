import process from "node:process";
import { runtimeName } from "../runtime/index.ts";

/**
 * Ends the process with a code.
 *
 * An exit of Node waits for lookups of names that are under way, which a name server that hangs can make last for minutes. So
 * the process ends by a signal then: by SIGTERM, as if it had no handler, after a success, and by SIGKILL after a failure.
 */
export function endProcess(code: 0 | 1): never {
  if (runtimeName === "node" && process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap")) {
    process.removeAllListeners("SIGTERM");
    process.kill(process.pid, code === 0 ? "SIGTERM" : "SIGKILL");
  }
  process.exit(code);
}
