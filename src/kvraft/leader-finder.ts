import { invariant, type ReplicaId } from "../raft/index.ts";

/** Chooses the replica for the next attempt. */
export class LeaderFinder {
  readonly #replicas: readonly ReplicaId[];
  readonly #known: () => ReplicaId | undefined;
  #guess: ReplicaId | undefined;
  #turn = 0;
  /** Replicas that said since the last pause that they don't lead. That is newer than anything else known about them. */
  readonly #deniers = new Set<ReplicaId>();
  /** Replicas that failed since the last reply of any replica. They are skipped even if another replica names them as leader. */
  readonly #suspects = new Set<ReplicaId>();

  constructor(replicas: readonly ReplicaId[], known: () => ReplicaId | undefined = () => undefined) {
    this.#replicas = replicas;
    this.#known = known;
  }

  next(): ReplicaId {
    const known = this.#known();
    if (known !== undefined && this.#mayLead(known)) return known;
    if (this.#guess !== undefined && this.#mayLead(this.#guess)) return this.#guess;
    const next = this.#replicas[this.#turn++ % this.#replicas.length];
    invariant(next !== undefined, "§5.2 a cluster has a voter");
    return next;
  }

  /** The leader or the term changed: forgets everything learned before. */
  changed(): void {
    this.#guess = undefined;
    this.#deniers.clear();
    this.#suspects.clear();
  }

  answered(by: ReplicaId): void {
    this.#guess = by;
    // Most calls have nothing to clear, and an empty set takes as long as a full one.
    if (this.#deniers.size > 0) this.#deniers.clear();
    if (this.#suspects.size > 0) this.#suspects.clear();
  }

  /** No reply came: the other replicas are tried before this one. */
  failed(at: ReplicaId): void {
    this.#suspects.add(at);
    if (this.#suspects.size >= this.#replicas.length) this.#suspects.clear();
    if (this.#guess === at) this.#guess = undefined;
  }

  /** @returns true if another replica should be tried at once, false if after a pause */
  redirected(from: ReplicaId, to: string | undefined): boolean {
    this.#suspects.delete(from);
    this.#deniers.add(from);
    const leader = this.#replicas.find((replica) => replica === to);
    const isNews = leader !== undefined && this.#mayLead(leader);
    this.#guess = isNews ? leader : undefined;
    if (!isNews) this.#deniers.clear();
    invariant(this.#guess !== from, "§8 a replica that does not lead is not asked again at once");
    return isNews;
  }

  #mayLead(candidate: ReplicaId): boolean {
    return !this.#deniers.has(candidate) && !this.#suspects.has(candidate);
  }
}
