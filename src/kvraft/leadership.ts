import { invariant, type ReplicaId } from "../raft/index.ts";

/** The cluster's leader, as far as it is known without a request. */
export interface Leadership {
  /** The leader; undefined if none is known or it has lost contact. */
  leader(): ReplicaId | undefined;
  /** Calls `listener` after each change of the leader or of the term. @returns a function that removes the listener */
  changed(listener: () => void): () => void;
}

/** The leadership as one replica sees it. */
export class ObservedLeadership implements Leadership {
  #leader: ReplicaId | undefined;
  #term = 0;
  readonly #listeners = new Set<() => void>();

  leader(): ReplicaId | undefined {
    return this.#leader;
  }

  changed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  observe(change: { readonly term: number; readonly leader: ReplicaId | undefined }): void {
    if (change.term === this.#term && change.leader === this.#leader) return;
    invariant(change.term >= this.#term, "§5.1 the current term never decreases");
    invariant(
      change.term > this.#term || change.leader === undefined || this.#leader === undefined,
      "§5.2 a term has one leader",
    );
    this.#term = change.term;
    this.#leader = change.leader;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The replica has stopped: no leader is known from now on. */
  ended(): void {
    this.observe({ term: this.#term, leader: undefined });
  }
}
