import process from "node:process";
import { runtimeName } from "../runtime/index.ts";

/**
 * Ends the process with an exit code.
 *
 * On Node an exit waits for name lookups, which can take minutes if a name server hangs. There the process ends by a
 * signal instead: SIGTERM after success, as if it had no handler, and SIGKILL after a failure.
 */
export function endProcess(code: 0 | 1): never {
  if (runtimeName === "node" && process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap")) {
    process.removeAllListeners("SIGTERM");
    process.kill(process.pid, code === 0 ? "SIGTERM" : "SIGKILL");
  }
  process.exit(code);
}
