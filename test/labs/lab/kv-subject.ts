import { KvServer } from "../../../src/kvraft/index.ts";
import type { RevisionedInput, RevisionedOutput } from "../../../src/testing/linearizability/index.ts";
import { kvSubject, type Subject } from "../../../src/testing/simulator/index.ts";
import { shortKvReplica } from "../../../src/testing/simulator/kv-subject.ts";
import { type RequestWatch, watchedTransport } from "./watched-transport.ts";

/** The store and its clerks as the simulator has them, but with values of any size, and by the short way in replicas. */
export function labKvSubject(requestLeaves: RequestWatch): Subject<RevisionedInput, RevisionedOutput> {
  return {
    ...kvSubject,
    name: "kvraft in the labs",
    async start(place, { sessionTtlMs, maxSessionsPerOwner, requestTimeoutMs }) {
      const transport = watchedTransport(place.transport, requestLeaves);
      const limits = { sessionTtlMs, maxSessionsPerOwner };
      const server = await KvServer.start({ ...place, transport, limits, requestTimeoutMs });
      return shortKvReplica(server);
    },
  };
}
