import { invariant } from "../invariant-violation.ts";
import type { ReplicaId } from "../types.ts";
import { agreedIndex, majorityOf } from "./quorum.ts";

/**
 * Who votes. The one place that knows: every count of votes, acknowledgements or contacts asks here, so that a
 * membership that changes at run time changes nothing else.
 */
export class Membership {
  readonly self: ReplicaId;
  readonly voters: readonly ReplicaId[];
  /** The voters other than this replica. */
  readonly peers: readonly ReplicaId[];

  constructor(self: ReplicaId, voters: readonly ReplicaId[]) {
    this.self = self;
    this.voters = [...voters];
    this.peers = voters.filter((id) => id !== self);
    invariant(this.peers.length === voters.length - 1, "§5.2 a replica is one of the voters, once");
  }

  /** Whether the voters for which `agrees` holds decide for all. */
  hasQuorum(agrees: (voter: ReplicaId) => boolean): boolean {
    return this.voters.filter(agrees).length >= majorityOf(this.voters.length);
  }

  /** The highest index that a quorum holds, given the highest that each voter holds. */
  agreedIndex(indexOf: (voter: ReplicaId) => number): number {
    return agreedIndex(this.voters.map(indexOf));
  }
}
