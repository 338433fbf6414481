import { HttpConnection } from "../clients/http-connection.ts";
import type { ReplicaId } from "../matrix.ts";
import type { ChaosReplica } from "./replica.ts";

const INTERVAL_MS = 150;
const TIMEOUT_MS = 1000;

export interface Status {
  readonly role: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly snapshotIndex: number;
}

/** Polls the role of each replica, to know the current leader as a target and to record all leaders. */
export class Watcher {
  /** The leaders of each term, according to themselves. */
  readonly leaders: Map<number, Set<ReplicaId>> = new Map();
  readonly #now: () => number;
  readonly #last: Map<ReplicaId, { readonly status: Status; readonly at: number }> = new Map();
  #isOver = false;

  constructor(replicas: readonly ChaosReplica[], now: () => number) {
    this.#now = now;
    for (const replica of replicas) void this.#watch(replica);
  }

  /** Returns the latest leader, or undefined if none is known. */
  leader(): ReplicaId | undefined {
    let best: { readonly id: ReplicaId; readonly term: number } | undefined;
    for (const [id, { status, at }] of this.#last) {
      if (status.role !== "leader" || this.#now() - at > TIMEOUT_MS) continue;
      if (best === undefined || status.term > best.term) best = { id, term: status.term };
    }
    return best?.id;
  }

  status(id: ReplicaId): Status | undefined {
    return this.#last.get(id)?.status;
  }

  noteLeader(id: ReplicaId, term: number): void {
    const known = this.leaders.get(term) ?? new Set();
    this.leaders.set(term, known.add(id));
  }

  stop(): void {
    this.#isOver = true;
  }

  async #watch(replica: ChaosReplica): Promise<void> {
    const exchange = new HttpConnection(replica.address, TIMEOUT_MS);
    while (!this.#isOver) {
      if (replica.isServing) {
        const reply = await exchange.ask({ method: "GET", path: "/status" });
        if (reply.type === "answer" && reply.status === 200) this.#take(replica.id, JSON.parse(reply.body));
      }
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    }
    exchange.close();
  }

  #take(id: ReplicaId, status: Status): void {
    this.#last.set(id, { status, at: this.#now() });
    if (status.role === "leader") this.noteLeader(id, status.term);
  }
}
