import type { Logger } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";

/** What is told of a replica's place in its cluster. */
interface Change {
  readonly role: string;
  readonly term: number;
  readonly leader: ReplicaId | undefined;
}

/** Logs who leads, whenever that changes; campaigns that come to nothing are not worth a line. */
export async function logChanges(
  changes: AsyncIterable<Change>,
  self: ReplicaId,
  logger: Logger,
): Promise<void> {
  let last: Omit<Change, "role"> | undefined;
  for await (const { role, term, leader } of changes) {
    if (role === "newcomer")
      logger.info("has no data yet: takes part after the first contact with all replicas", {
        event: "replica.blank",
      });
    if (leader === last?.leader && (leader === undefined || term === last?.term)) continue;
    if (leader === self) logger.info("leads in term {term}", { event: "leader.elected", leader, term });
    else if (leader !== undefined)
      logger.info("follows {leader} in term {term}", { event: "leader.elected", leader, term });
    else if (last?.leader === self)
      logger.info("leads no more, after term {term}", {
        event: "leader.lost",
        leader: self,
        term: last.term,
      });
    else if (last?.leader !== undefined)
      logger.info("lost its leader {leader}", { event: "leader.lost", leader: last.leader });
    last = { term, leader };
  }
}
