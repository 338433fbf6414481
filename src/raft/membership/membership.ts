import { invariant } from "../invariant-violation.ts";
import type { ReplicaId } from "../types.ts";
import { agreedIndex, majorityOf } from "./quorum.ts";

/**
 * The voters. Every count of votes, acknowledgements or contacts asks here, so that a change of the membership at run
 * time changes nothing else.
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

  /** Returns whether the voters for which `agrees` holds are a quorum. */
  hasQuorum(agrees: (voter: ReplicaId) => boolean): boolean {
    return this.voters.filter(agrees).length >= majorityOf(this.voters.length);
  }

  /** Returns the highest index that a quorum holds, given the highest index of each voter. */
  agreedIndex(indexOf: (voter: ReplicaId) => number): number {
    return agreedIndex(this.voters.map(indexOf));
  }
}
