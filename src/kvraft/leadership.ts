import type { ReplicaId } from "../raft/index.ts";

/** What is known of the cluster's leader without asking a replica. */
export interface Leadership {
  /** The leader, if one is known and still heard. */
  leader(): ReplicaId | undefined;
  /** Calls `listener` after each change of the leader or of the term. The result removes the listener. */
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
    this.#term = change.term;
    this.#leader = change.leader;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The replica has stopped: it hears no leader any more. */
  ended(): void {
    this.observe({ term: this.#term, leader: undefined });
  }
}
