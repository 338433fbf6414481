import type { KvServer } from "../kvraft/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import type { Server } from "../runtime/index.ts";
import type { Bodies } from "../service/index.ts";

/** Time in ms that a shutdown waits for another leader. */
const handOverMs = 1000;

export interface Draining {
  readonly id: ReplicaId;
  readonly voters: readonly ReplicaId[];
  readonly store: KvServer;
  readonly server: Pick<Server, "closeIdle" | "stop">;
  readonly bodies: readonly Bodies[];
}

/**
 * Hands leadership over while requests are still served and forwarded. Then stops accepting requests and waits briefly
 * for those in flight. Ends uploads that are still incomplete.
 */
export async function drain({ id, voters, store, server, bodies }: Draining): Promise<void> {
  server.closeIdle();
  if (voters.length > 1) {
    const isLeader = store.raft.getState().leader === id;
    store.raft.resign();
    if (isLeader) await anotherLeads(store, id);
  }
  for (const each of bodies) each.stop();
  await server.stop();
}

/** Resolves when another replica is known to lead, or after `handOverMs`. */
async function anotherLeads({ raft }: KvServer, self: ReplicaId): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeIsUp = new Promise<"timeIsUp">((resolve) => {
    timer = setTimeout(() => resolve("timeIsUp"), handOverMs);
  });
  const changes = raft.changes()[Symbol.asyncIterator]();
  for (;;) {
    const { leader } = raft.getState();
    if (leader !== undefined && leader !== self) break;
    const next = await Promise.race([changes.next(), timeIsUp]);
    if (next === "timeIsUp" || next.done) break;
  }
  clearTimeout(timer);
  void changes.return?.();
}
