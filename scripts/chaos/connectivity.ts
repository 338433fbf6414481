import type { ReplicaId } from "./matrix.ts";
import { type Endpoint, type Link, nameOf } from "./network/index.ts";

/** A stretch of time in ms. Open ones end at Infinity. */
export interface Stretch {
  readonly from: number;
  to: number;
}

/** Tracks whether a majority of the replicas is up and mutually connected. */
export class Connectivity {
  /** The stretches in which it was. */
  readonly stretches: Stretch[] = [];
  readonly #ids: readonly ReplicaId[];
  readonly #overNats: boolean;
  readonly #able: Set<Endpoint> = new Set();
  readonly #cut: Set<string> = new Set();

  constructor(ids: readonly ReplicaId[], transport: "http" | "nats") {
    this.#ids = ids;
    this.#overNats = transport === "nats";
  }

  /** A replica or NATS starts or stops serving. */
  able(endpoint: Endpoint, isAble: boolean, at: number): void {
    if (isAble) this.#able.add(endpoint);
    else this.#able.delete(endpoint);
    this.#note(at);
  }

  cut(links: readonly Link[], at: number): void {
    for (const link of links) this.#cut.add(nameOf(link));
    this.#note(at);
  }

  heal(links: readonly Link[], at: number): void {
    for (const link of links) this.#cut.delete(nameOf(link));
    this.#note(at);
  }

  isAble(endpoint: Endpoint): boolean {
    return this.#able.has(endpoint);
  }

  /** Returns the largest set of replicas that are up and reach each other. */
  largest(): readonly ReplicaId[] {
    const able = this.#ids.filter((id) => this.#able.has(id));
    const joined = (a: ReplicaId, b: ReplicaId) =>
      this.#overNats ? this.#both(a, "nats") && this.#both(b, "nats") : this.#both(a, b);
    let best: readonly ReplicaId[] = [];
    for (let set = 0; set < 2 ** able.length; set++) {
      const members = able.filter((_, at) => set & (1 << at));
      if (members.length <= best.length) continue;
      if (members.every((a) => members.every((b) => a === b || joined(a, b)))) best = members;
    }
    return this.#overNats && !this.#able.has("nats") ? best.slice(0, 1) : best;
  }

  hasMajority(): boolean {
    return this.largest().length > this.#ids.length / 2;
  }

  #both(a: Endpoint, b: Endpoint): boolean {
    return !this.#cut.has(nameOf({ from: a, to: b })) && !this.#cut.has(nameOf({ from: b, to: a }));
  }

  #note(at: number): void {
    const open = this.stretches.at(-1);
    const isOpen = open?.to === Number.POSITIVE_INFINITY;
    if (this.hasMajority()) {
      if (!isOpen) this.stretches.push({ from: at, to: Number.POSITIVE_INFINITY });
    } else if (open !== undefined && isOpen) {
      open.to = at;
    }
  }
}
