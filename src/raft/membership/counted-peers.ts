import type { Durability } from "../log/durability.ts";
import type { ReplicaId } from "../types.ts";

/**
 * The peers with whom this replica made a decision: it counted their vote or acknowledgement, or gave them its own
 * to count beside theirs. It notes so durably before the first one, and so it can tell a peer that comes with empty
 * storage whether it is new or has lost what it promised.
 */
export class Reliances {
  readonly #durability: Durability;
  /** Each peer with the version of the hard state that notes it. */
  readonly #noted: Map<ReplicaId, number>;

  constructor(durability: Durability, restored: readonly ReplicaId[]) {
    this.#durability = durability;
    this.#noted = new Map(restored.map((peer) => [peer, 0]));
  }

  get peers(): ReplicaId[] {
    return [...this.#noted.keys()];
  }

  has(peer: ReplicaId): boolean {
    return this.#noted.has(peer);
  }

  note(peer: ReplicaId): void {
    if (this.#noted.has(peer)) return;
    this.#durability.reliancesChanged();
    this.#noted.set(peer, this.#durability.hardStateVersion);
  }

  /** Whether a promise of the peer may be counted by now. */
  isDurable(peer: ReplicaId): boolean {
    const hardStateVersion = this.#noted.get(peer);
    return hardStateVersion !== undefined && this.#durability.isDurable({ hardStateVersion, index: 0 });
  }
}
