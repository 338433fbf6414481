import type { ReplicaId } from "../../raft/index.ts";
import { Interned, textOf } from "./intern.ts";
import type { ReplicaNumber } from "./local-input.ts";
import type { LocalState } from "./local-states.ts";
import { demand, ExplorationViolation } from "./violation.ts";

/** The history of the cluster that the rules need, even if crashes made all replicas lose it. */
export interface History {
  /** The leader of each term. */
  readonly leaders: readonly (ReplicaNumber | null)[];
  /** Every vote that was ever durable. */
  readonly votes: readonly {
    readonly term: number;
    readonly voter: ReplicaNumber;
    readonly candidate: ReplicaNumber;
  }[];
  /**
   * Every entry that was ever known to be committed, from index 1: its text, and the term of the first replica that
   * knew it.
   */
  readonly committed: readonly { readonly entry: string; readonly inTerm: number }[];
}

const MAX_STATES = 2 ** 26;

/** Checks the rules about a whole run (figure 3), and records the history that they need. */
export class Histories {
  readonly all: Interned<History> = new Interned();
  readonly #ids: readonly ReplicaId[];
  readonly #termsLed = new Set<number>();
  #longestCommitted = 0;
  readonly #next = new Map<number, number | Error>();

  constructor(ids: readonly ReplicaId[]) {
    this.#ids = ids;
  }

  /** The empty history. */
  get none(): number {
    return this.all.numberOf({ leaders: [], votes: [], committed: [] });
  }

  /** In all runs together. */
  get termsLed(): number {
    return this.#termsLed.size;
  }

  /** In any one run. */
  get longestCommitted(): number {
    return this.#longestCommitted;
  }

  /** Returns the history after a replica reached a state, or the rule that the state breaks. */
  after(history: number, state: LocalState): number | Error {
    const key = history * MAX_STATES + state.number;
    const known = this.#next.get(key);
    if (known !== undefined) return known;
    const next = this.#compute(this.all.valueOf(history), state);
    this.#next.set(key, next);
    return next;
  }

  #compute(history: History, state: LocalState): number | Error {
    try {
      const votes = this.#withVote(history, state);
      const committed = withCommitted(history, state);
      const leaders =
        state.role === "leader" ? this.#withLeader({ ...history, votes }, state) : history.leaders;
      this.#longestCommitted = Math.max(this.#longestCommitted, committed.length);
      if (state.role === "leader") this.#termsLed.add(state.currentTerm);
      return this.all.numberOf({ leaders, votes, committed });
    } catch (error) {
      if (error instanceof ExplorationViolation) return error;
      throw error;
    }
  }

  #withVote({ votes }: History, { replica, disk }: LocalState): History["votes"] {
    const { currentTerm: term, votedFor } = disk.hardState;
    if (votedFor === undefined) return votes;
    const vote = { term, voter: replica, candidate: this.#ids.indexOf(votedFor) };
    const earlier = votes.find(({ term: other, voter }) => other === term && voter === replica);
    if (earlier === undefined) return inOrder([...votes, vote]);
    demand(earlier.candidate === vote.candidate, "one vote is written per term, across restarts (§5.2)");
    return votes;
  }

  #withLeader({ leaders, votes, committed }: History, state: LocalState): History["leaders"] {
    const { replica, currentTerm, log } = state;
    const leader = leaders[currentTerm] ?? null;
    demand(leader === null || leader === replica, "a term has one leader (§5.2)");
    if (leader === replica) return leaders;
    const own = votes.filter(({ term, candidate }) => term === currentTerm && candidate === replica);
    demand(2 * own.length > this.#ids.length, "a leader has a quorum of durable votes (§5.2)");
    // A late vote may still make a leader of an earlier term.
    const isComplete = committed.every(
      ({ entry, inTerm }, at) => inTerm >= currentTerm || entry === textOf(log[at]),
    );
    demand(isComplete, "a leader's log holds all that was committed in earlier terms (§5.4.3)");
    return Array.from({ length: Math.max(leaders.length, currentTerm + 1) }, (_, term) =>
      term === currentTerm ? replica : (leaders[term] ?? null),
    );
  }
}

export function inOrder(votes: History["votes"]): History["votes"] {
  return [...votes].sort((a, b) => a.term - b.term || a.voter - b.voter);
}

function withCommitted(
  { committed }: History,
  { log, commitIndex, currentTerm }: LocalState,
): History["committed"] {
  const own = log.slice(0, commitIndex).map((entry) => ({ entry: textOf(entry), inTerm: currentTerm }));
  const isSame = own.every(({ entry }, at) => (committed[at] ?? { entry }).entry === entry);
  demand(isSame, "all replicas commit and apply the same entry at an index (§5.4.3)");
  return [...committed, ...own.slice(committed.length)];
}
