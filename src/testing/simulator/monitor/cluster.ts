import type { Ledger } from "./ledger.ts";
import type { Observed } from "./observed.ts";

/** The voters of a cluster, as the monitor sees them. */
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

  /** More than half of the voters, counted here for itself. */
  isMajority(count: number): boolean {
    return 2 * count > this.replicas.length;
  }

  /** Whether a majority holds an entry durably. */
  majorityHolds(index: number, term: number): boolean {
    return this.isMajority(this.replicas.filter((replica) => replica.holds(index, term)).length);
  }

  /** Whether a majority has durably voted for a candidate in a term. */
  majorityVotedFor(candidate: string, term: number): boolean {
    const votes = this.replicas.filter(({ id }) => this.ledger.voteOf(id, term) === candidate);
    return this.isMajority(votes.length);
  }
}
