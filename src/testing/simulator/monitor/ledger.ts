import type { StoredEntry, StoredHardState } from "./stored-records.ts";
import { Violation } from "./violation.ts";

/** The last entry committed by the leaders up to a term. */
interface CommitMark {
  readonly byTerm: number;
  readonly index: number;
  readonly term: number;
}

/** Facts about the whole cluster since its start. Each fact is written once. */
export class Ledger {
  readonly #leaders = new Map<number, string>();
  readonly #votes = new Map<string, string>();
  readonly #links = new Map<number, number>();
  readonly #applied = new Map<number, StoredEntry>();
  readonly #states = new Map<number, { readonly hash: number; readonly of: string }>();
  /** `byTerm` and `index` increase. */
  readonly #commits: CommitMark[] = [];
  /** The highest index that any replica has applied. */
  highestApplied = 0;

  /** P1. Returns whether this leader is new. */
  leads(term: number, id: string): boolean {
    const known = this.#leaders.get(term);
    if (known !== undefined && known !== id) {
      throw new Violation("P1", `§5.2 ${known} and ${id} both lead term ${term}`);
    }
    this.#leaders.set(term, id);
    return known === undefined;
  }

  leaderOf(term: number): string | undefined {
    return this.#leaders.get(term);
  }

  /** The number of terms with a leader. */
  get leaderships(): number {
    return this.#leaders.size;
  }

  /** P5: a vote is written once per term, even across restarts. */
  voted(voter: string, { term, votedFor }: StoredHardState): void {
    if (votedFor === "") return;
    const ballot = `${term} ${voter}`;
    const known = this.#votes.get(ballot);
    if (known !== undefined && known !== votedFor) {
      throw new Violation("P5", `§5.2 ${voter} voted in term ${term} for ${known}, then for ${votedFor}`);
    }
    this.#votes.set(ballot, votedFor);
  }

  /** A voter lost its storage and takes part again. Nobody counted on what it lost, so its votes are void. */
  votesLost(voter: string): void {
    for (const ballot of this.#votes.keys()) if (ballot.endsWith(` ${voter}`)) this.#votes.delete(ballot);
  }

  voteOf(voter: string, term: number): string | undefined {
    return this.#votes.get(`${term} ${voter}`);
  }

  /** P2: an index and a term identify one entry and one predecessor, and so by induction one log up to there. */
  links(where: string, index: number, { term, hash }: StoredEntry, prevTerm: number): void {
    const link = prevTerm * 2 ** 32 + hash;
    const key = index * 0x100000 + term;
    const known = this.#links.get(key);
    if (known !== undefined && known !== link) {
      throw new Violation("P2", `§5.3 two entries at ${index}@${term}; the second is in ${where}`);
    }
    this.#links.set(key, link);
  }

  /** P4: all replicas apply the same entry at an index. */
  applied(id: string, index: number, entry: StoredEntry): void {
    const known = this.#applied.get(index);
    if (known === undefined) this.#applied.set(index, entry);
    else if (known.term !== entry.term || known.hash !== entry.hash) {
      throw new Violation("P4", `§5.4.3 ${id} applied another entry at ${index} than was applied before`);
    }
    if (index > this.highestApplied) this.highestApplied = index;
  }

  /** Returns the term of the entry that any replica applied at an index. */
  appliedTerm(index: number): number | undefined {
    return this.#applied.get(index)?.term;
  }

  committed(byTerm: number, index: number, term: number): void {
    const last = this.#commits.at(-1);
    if (last !== undefined && index <= last.index) return;
    if (last?.byTerm === byTerm) this.#commits.pop();
    this.#commits.push({ byTerm, index, term });
  }

  /** Returns the highest entry committed by leaders of earlier terms. */
  committedBefore(term: number): CommitMark | undefined {
    return this.#commits.findLast((mark) => mark.byTerm < term);
  }

  /** P10. */
  state(id: string, index: number, hash: number): void {
    const known = this.#states.get(index);
    if (known !== undefined && known.hash !== hash) {
      throw new Violation("P10", `the states of ${known.of} and ${id} differ at index ${index}`);
    }
    this.#states.set(index, { hash, of: id });
  }
}
