import type { Logger } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";

/** A replica's role in its cluster. */
interface Leadership {
  readonly role: string;
  readonly term: number;
  readonly leader: ReplicaId | undefined;
}

/** Logs the leader whenever it changes. Unsuccessful campaigns are not logged. */
export async function logLeadership(
  changes: AsyncIterable<Leadership>,
  self: ReplicaId,
  logger: Logger,
): Promise<void> {
  let last: Omit<Leadership, "role"> | undefined;
  for await (const { role, term, leader } of changes) {
    if (role === "bootstrapping")
      logger.info("no data yet: this replica takes part after its first contact with all replicas", {
        event: "replica.blank",
      });
    if (leader === last?.leader && (leader === undefined || term === last?.term)) continue;
    if (leader === self) logger.info("leads in term {term}", { event: "leader.elected", leader, term });
    else if (leader !== undefined)
      logger.info("follows {leader} in term {term}", { event: "leader.elected", leader, term });
    else if (last?.leader === self)
      logger.info("no longer leads, after term {term}", {
        event: "leader.lost",
        leader: self,
        term: last.term,
      });
    else if (last?.leader !== undefined)
      logger.info("lost its leader {leader}", { event: "leader.lost", leader: last.leader });
    last = { term, leader };
  }
}
