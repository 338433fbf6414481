import type { ReplicaId } from "../raft/index.ts";

/** Whom a clerk asks next. */
export class LeaderFinder {
  readonly #replicas: readonly ReplicaId[];
  readonly #known: () => ReplicaId | undefined;
  #guess: ReplicaId | undefined;
  #turn = 0;
  /** Said that they don't lead, since the last pause. Their word is newer than what is known or others say of them. */
  readonly #deniers = new Set<ReplicaId>();
  /** Failed since anyone last answered: not to be believed in, whoever says that it leads. */
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
    if (next === undefined) throw new RangeError("replicas: at least one, not none");
    return next;
  }

  /** Another leader or another term: what was learnt before says nothing of it. */
  changed(): void {
    this.#guess = undefined;
    this.#deniers.clear();
    this.#suspects.clear();
  }

  answered(by: ReplicaId): void {
    this.#guess = by;
    this.#deniers.clear();
    this.#suspects.clear();
  }

  /** No answer came: ask the others before this one again. */
  failed(at: ReplicaId): void {
    this.#suspects.add(at);
    if (this.#suspects.size >= this.#replicas.length) this.#suspects.clear();
    if (this.#guess === at) this.#guess = undefined;
  }

  /** @returns whether there is someone new to ask at once; if not, the next try comes after a pause */
  redirected(from: ReplicaId, to: string | undefined): boolean {
    this.#suspects.delete(from);
    this.#deniers.add(from);
    const leader = this.#replicas.find((replica) => replica === to);
    const isNews = leader !== undefined && this.#mayLead(leader);
    this.#guess = isNews ? leader : undefined;
    if (!isNews) this.#deniers.clear();
    return isNews;
  }

  #mayLead(candidate: ReplicaId): boolean {
    return !this.#deniers.has(candidate) && !this.#suspects.has(candidate);
  }
}
