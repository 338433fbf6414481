import { invariant, type RaftView, type ReplicaId, type RoleName } from "../raft/index.ts";

/** The role of a replica in its cluster at one moment. */
export interface LeadershipChange {
  /** What this replica does from now on. */
  readonly role: RoleName;
  /** The term in which it does so. */
  readonly term: number;
  /** The leader of the term; undefined until it is known. */
  readonly leader: ReplicaId | undefined;
}

/** The part of a replica's state that is watched. */
type Watched = Pick<RaftView, "role" | "currentTerm" | "leader">;

/** Notifies listeners of every change of role, term or leader, in order. */
export class LeadershipChanges {
  #last: LeadershipChange;
  readonly #listeners = new Set<(change: LeadershipChange) => void>();
  readonly #endings = new Set<() => void>();
  #stopped = false;

  constructor(view: Watched) {
    this.#last = changeOf(view);
  }

  observe(view: Watched): void {
    const last = this.#last;
    if (view.role === last.role && view.currentTerm === last.term && view.leader === last.leader) return;
    invariant(view.currentTerm >= last.term, "§5.1 the current term never decreases");
    this.#last = changeOf(view);
    for (const listener of this.#listeners) listener(this.#last);
  }

  /** Yields the present, then each change. Ends with the signal or with the replica. */
  async *stream(signal: AbortSignal | undefined): AsyncGenerator<LeadershipChange> {
    const queue: LeadershipChange[] = [this.#last];
    let wake: () => void = () => {};
    const listener = (change: LeadershipChange) => {
      queue.push(change);
      wake();
    };
    const ending = () => wake();
    this.#listeners.add(listener);
    this.#endings.add(ending);
    signal?.addEventListener("abort", ending, { once: true });
    try {
      for (;;) {
        const change = queue.shift();
        if (change !== undefined) yield change;
        else if (this.#stopped || signal?.aborted) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#listeners.delete(listener);
      this.#endings.delete(ending);
      signal?.removeEventListener("abort", ending);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const ending of this.#endings) ending();
  }
}

function changeOf(view: Watched): LeadershipChange {
  return { role: view.role, term: view.currentTerm, leader: view.leader };
}
