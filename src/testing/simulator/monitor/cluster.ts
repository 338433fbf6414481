import type { Ledger } from "./ledger.ts";
import type { Observed } from "./observed.ts";

/** The voters of a cluster, as seen by the monitor. */
export class Cluster {
  readonly ledger: Ledger;
  readonly replicas: readonly Observed[];

  constructor(ledger: Ledger, replicas: readonly Observed[]) {
    this.ledger = ledger;
    this.replicas = replicas;
  }

  get(id: string): Observed | undefined {
    return this.replicas.find((replica) => replica.id === id);
  }

  /** Returns whether a count is more than half of the voters; computed independently of the core. */
  isMajority(count: number): boolean {
    return 2 * count > this.replicas.length;
  }

  /** Returns whether a majority holds an entry durably. */
  majorityHolds(index: number, term: number): boolean {
    return this.isMajority(this.replicas.filter((replica) => replica.holds(index, term)).length);
  }

  /** Returns whether a majority has durably voted for a candidate in a term. */
  majorityVotedFor(candidate: string, term: number): boolean {
    const votes = this.replicas.filter(({ id }) => this.ledger.voteOf(id, term) === candidate);
    return this.isMajority(votes.length);
  }
}
