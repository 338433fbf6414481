import { invariant } from "../invariant-violation.ts";
import type { Durability } from "../log/durability.ts";
import type { ReplicaId } from "../types.ts";

/**
 * The peers whose vote or acknowledgement was ever counted together with this replica's. A peer is recorded durably
 * before its first vote or acknowledgement takes effect. So this replica can tell a peer whose storage is empty whether
 * that peer is new or has lost what it promised.
 */
export class CountedPeers {
  readonly #durability: Durability;
  /** Each peer with the version of the hard state that first lists it. */
  readonly #versions: Map<ReplicaId, number>;
  #peers: readonly ReplicaId[];

  constructor(durability: Durability, restored: readonly ReplicaId[]) {
    this.#durability = durability;
    this.#versions = new Map(restored.map((peer) => [peer, 0]));
    this.#peers = [...this.#versions.keys()];
  }

  /** In the order in which they were recorded; never changed in place. */
  get peers(): readonly ReplicaId[] {
    return this.#peers;
  }

  has(peer: ReplicaId): boolean {
    return this.#versions.has(peer);
  }

  record(peer: ReplicaId): void {
    if (this.#versions.has(peer)) return;
    this.#durability.countedPeersChanged();
    this.#versions.set(peer, this.#durability.hardStateVersion);
    this.#peers = [...this.#peers, peer];
    invariant(!this.isDurable(peer), "docs/decisions/0006: a peer counts only after its record is written");
  }

  /** Whether votes and acknowledgements of the peer may be counted: it is recorded, and the record is durable. */
  isDurable(peer: ReplicaId): boolean {
    const hardStateVersion = this.#versions.get(peer);
    return hardStateVersion !== undefined && this.#durability.isDurable({ hardStateVersion, index: 0 });
  }
}
