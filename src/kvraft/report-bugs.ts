import { BrokenRule } from "../kv/index.ts";
import type { Transport } from "../ports/index.ts";
import { InvariantViolation } from "../raft/index.ts";

/**
 * Serves like a transport, and reports an assertion that fails in a handler. The caller of that handler is a peer, which
 * sees only that its call failed.
 */
export function reportBugs(
  transport: Transport,
  report: (bug: Error) => void,
): Pick<Transport, "serve" | "call"> {
  return {
    serve: (service, handler) =>
      transport.serve(service, (from, payload) => {
        const reply = handler(from, payload);
        reply.catch((error: unknown) => {
          if (error instanceof InvariantViolation || error instanceof BrokenRule) report(error);
        });
        return reply;
      }),
    call: (to, service, payload, signal) => transport.call(to, service, payload, signal),
  };
}
