import { KvServer } from "../../../src/kvraft/index.ts";
import { kvSubject, type Subject } from "../../../src/testing/index.ts";
import type { RevisionedInput, RevisionedOutput } from "../../../src/testing/linearizability/index.ts";

/** The store and its clerks as the simulator has them, but with values of any size. */
export const labKvSubject: Subject<RevisionedInput, RevisionedOutput> = {
  ...kvSubject,
  name: "kvraft in the labs",
  async start(place, { sessionTtlMs, maxSessions, requestTimeoutMs }) {
    const server = await KvServer.start({
      ...place,
      limits: { sessionTtlMs, maxSessions },
      requestTimeoutMs,
    });
    return { raft: server.raft, state: () => server.snapshot() };
  },
};
